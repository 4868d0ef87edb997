"""How large the values of a quantity can get, by its name, its unit or the codes of its document."""

from collections.abc import Mapping

# Highest magnitude that a quantity of this name, or of this unit, can have.
BOUNDS = {
    "soc": 100.0, "temperature": 150.0, "voltage": 1500.0, "frequency": 70.0, "power_factor": 1.0,
    "state_of_health": 100.0, "limit_percent": 120.0, "water_temperature": 120.0,
}  # fmt: skip
UNITS = {"V": 1500.0, "A": 3000.0, "Hz": 70.0, "%": 120.0, "°C": 150.0, "s": 32_000.0}
LIFETIME = 20 * 8760 / 4  # h at full power in twenty years: no meter of a house counts beyond
# Below zero never: magnitudes, or loads and generation that have one direction in their document.
MAGNITUDES = ("current", "water_temperature", "voltage", "frequency", "soc", "energy", "capacity", "rating", "rated")
# The highest code that the document of a register knows; `Driver.point` where drivers differ.
CODES: Mapping[str, int] = {
    "output_type": 2, "phases": 3, "running": 247, "byte_order": 1, "battery_type": 0x4000, "management": 2,
    "meter_status": 2,
    "battery_status": 4, "model_number": 16, "lock": 2, "layout": 0x0FFF, "software": 0x7FFF, "operation": 200,
    "standby": 4, "cable": 7, "manager_version": 999, "switch_source": 4, "switch_state": 1, "product": 999_999,
    "firmware": 0x7FFF_FFFF, "der_state": 7, "default_command": 7, "storage_mode": 15, "command": 7,
    "reactive_mode": 9, "advanced_control": 1, "power_flow": 255, "power_mode": 1079, "silence_rule": 2507,
    "device_class": 8128, "device_type": 99_999, "heartbeat": 0xFFFF,
    "KostalIq.state": 18, "KostalPlenticore.state": 18, "Sdm630.serial_number": 99_999_999,
    "GoodWe.state": 5, "Gridcon.state": 13, "SolplanetHybrid.state": 4, "SolaxX3Hybrid.state": 20,
    "Gridcon.error_code": 0xFF_FFFF, "KebaP30Modbus.state": 5, "HeidelbergEnergyControl.state": 11,
    "AcThor.state": 210, "AcThor.firmware": 0x7FFF,
    "KebaP30Modbus.serial_number": 99_999_999,
    **dict.fromkeys(
        (
            "Sdm220.serial_number", "Sdm72V1.serial_number", "Sdm72V2.serial_number", "JanitzaB2x.serial",
            "PqPlusMmb700.serial_number", "EmuProfessional.serial_number", "SchneiderPm5300.serial",
        ),
        99_999_999,
    ),
    **dict.fromkeys(("Sdm220.type_code", "Sdm72V1.type_code", "Sdm72V2.type_code"), 0x00FF_FFFF),
    "GavazziEm100.mode": 1, "GavazziEm300.mode": 1, "GavazziEm24.application": 7, "GavazziEm24E1.application": 7,
    "SiemensPac.maker": 42, "TqEm300.maker": 0x5233, "NzrEcoCount.build": 12,
    "PhoenixEemRtu.wiring": 5, "PhoenixEemTcp.wiring": 5, "SocomecDiris.soco": 0x0053_004F_0043_004F,
    "AblEm4.state": 0xFF, "AlpitronicHyc.state": 11, "AlpitronicHyc.connectors": 4,
    "AmperfiedConnect.state": 11, "AmperfiedConnect.card_length": 12, "AmtronHcc3.pilot": 8,
    "AmtronHcc3.state": 6, "AmtronHcc3.mode": 3, "AmtronHcc3.serial": 999_999_999, "BenderCc.charging": 9,
    "BenderCc.pilot": 5, "BenderCc.software_minor": 99, "BenderCc.software_patch": 99, "Compleo.code": 8,
    "Compleo.connectors": 2, "Compleo.firmware_patch": 0x7FFF, "Compleo.far_code": 8, "Compleo.phase_mode": 3,
    "Hesotec.pausing": 1, "Hesotec.pilot": 0x4600, "PrachtAlpha.state": 4, "PrachtAlpha.second_firmware": 0x7FFF,
    "PrachtAlpha.first_state": 4, "PrachtAlpha.second_state": 4, "SolaxEvc.state": 17, "SolaxEvc.active_phase": 3,
    "SolaxEvc.mode": 3, "SolaxEvc.phase": 3, "SolaxEvc.switch": 2, "WallbeEth.state": 0x46, "WallbeSer.state": 0x4600,
    "AlpitronicHyc.version": 99, "AlpitronicHyc.version_minor": 99, "AlpitronicHyc.version_patch": 99,
}  # fmt: skip
RATINGS = ("rating", "maximum", "rated", "nominal", "highest", "full_power", "der_rating", "reference", "solar_peak")
