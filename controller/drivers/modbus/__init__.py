"""Points on Modbus, and the requests that fetch them."""
