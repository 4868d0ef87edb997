"""Huawei."""
