"""Mutants looked at by hand: driver, point, change (or "*" for every change of it) -> why it cannot matter."""

from collections.abc import Mapping

CLASS = "it counts only where the type of a device is in no list, and these are all listed"
EASTRON = "the code and what else only other types measure tell them apart: each stands in for the others"
WINDOW = "the least and the most power are written alike: the other one holds the power"
BASIC = "the basic register tells it with all its digits, the block stands in for one that says nothing"
PRINTED = "a device that does not tell its rating has the printed one"
LISTED: Mapping[tuple[str, str, str], str] = {
    **{(name, f"rating{end}", "*"): PRINTED for name in ("KostalIq", "KostalPlenticore") for end in ("", "_factor")},
    **{("SaxHome", f"SaxBlock.grid_{what}", "*"): BASIC for what in ("power", "exponent")},
    **{
        (name, "product_name", f"address -{step}"): "what stands before the name is passed over"
        for name in ("KostalIq", "KostalPlenticore")
        for step in (1, 2)
    },
    ("KostalPlenticore", "battery_type", "*"): "where the type is not told, the state of charge tells the battery",
    ("SungrowSG", "frequency", "scale x 10"): "behind a WiNet it comes ten times too high, and the driver mends that",
    ("SungrowSH", "frequency", "scale x 10"): "behind a WiNet it comes ten times too high, and the driver mends that",
    ("SungrowSG", "limit_switch", "u16 as u32"): "the second word falls on the limit, which is written right after it",
    ("SungrowSG", "output_type", "u16 as u32"): "the word after it is the daily yield; with it no known type is read",
    ("SungrowSH", "output_type", "u16 as u32"): "only single phase is looked for, and that is 0 in both words at night",
    ("HeidelbergEnergyControl", "hardware_maximum", "*"): "where it is not told it is the 16 A that no box goes beyond",
    ("EcbCharger", "minimum", "*"): "where it is not told it is the 6 A of the standard, as in these stations",
    ("Sdm220", "type_code", "*"): EASTRON,
    ("Sdm72V2", "type_code", "*"): EASTRON,
    ("Sdm72V2", "import_energy_l1", "*"): EASTRON,
    ("Sdm72V1", "total", "*"): "it counts only where a meter does not tell its type",
    **{
        ("Sdm72V1", "voltage_l1", change): "it is only asked whether it is 0"
        for change in ("scale x 10", "scale x 0.1", "scale x -1", "f32 as u32", "order = low first")
    },
    **{
        (name, "export_energy", "scale x -1"): "some count with a minus what is fed in, the driver takes the magnitude"
        for name in ("GavazziEm100", "GavazziEm300", "GavazziEm24", "GavazziEm24E1")
    },
    ("GavazziEm24", "application", "u16 as u32"): "the word after it is the wiring, 0 for three phases with a neutral",
    **{
        ("SchneiderPm5300", point, change): "only the lowest int64 has its top bit set, and it is no energy that can be"
        for point, change in (
            ("import_energy", "s64 as u64"),
            ("export_energy", "s64 as u64"),
            ("class", "absent = {}"),
        )
    },
    ("TqEm300", "power_factor", "s32 as u32"): "these give it without a sign",
    ("SiemensPac1600", "frequency", "scale x 10"): "some count it ten times finer, and the driver mends that",
    **{
        (
            "Sdm630",
            point,
            "*",
        ): "energies by phase, powers by direction and the code tell other meters apart: each stands in for the others"
        for point in ("type_code", "import_power", "export_power")
    },
    **{(name, "device_class", "*"): CLASS for name in ("SmaInverter", "SmaIsland", "SmaWindow", "SmaHybrid")},
    ("SmaTripowerStorage", "device_class", "*"): "the type tells the model; class and rating stand in for it",
    ("SmaTripowerStorage", "device_type", "*"): "class and rating tell the model where the type does not",
    **{("SmaWindow", f"{way}_{end}", "*"): WINDOW for way in ("charge", "discharge") for end in ("least", "most")},
    ("SmaWindow", "grid_setpoint", "*"): "always 0, and without effect while a window is set",
    ("VictronGx", "battery_power", "s16 as u16"): "voltage and current tell how often it has wrapped",
    **{
        (name, "full_power", "*"): "it only stands in where a device does not tell what its battery takes"
        for name in ("SmaIsland", "SmaWindow", "SmaTripowerStorage")
    },
    **{
        (name, "silence_time", f"scale x {factor}"): "commands are given sooner than needed"
        for factor in ("0.1", "-1")
        for name in ("SmaInverter", "SmaIsland", "SmaWindow", "SmaTripowerStorage", "SmaHybrid")
    },
    **{
        (name, "class", "absent = {}"): "no value of these types is ever absent in these devices"
        for name in ("SolarEdgeInverter", "KostalIq", "KostalCi")
    },
    ("FoxEssH3", "product", "address +1"): "the first letter is a blank, and what follows the name is not looked at",
    ("SungrowSH", "output_type", "function = 3"): "then phases are read that a one-phase device says nothing of",
    ("Sun2000", "highest", "function = 4"): "it is refused, and then the rated power stands in, which is less",
    ("Sun2000", "highest", "u32 as u16"): "the high word is 0 below 65 kW, and then the rated power stands in",
    ("SaxHome", "SaxBlock.reference", "address -2"): "0 is no reference, and then the same 4600 W are taken",
    **{
        ("FroniusHybrid", point, "*"): "these devices always say 0 there, and 0 is told as no temperature at all"
        for point in ("temperature", "float_temperature")
    },
    ("FroniusHybrid", "module_name", "*"): "without names the last two inputs are the battery, as these have it",
    ("SungrowSH", "battery_magnitude", "scale x -1"): "the flow bits tell the direction, the magnitude has none",
    ("SungrowSH", "power_flow", "u16 as u32"): "only its low bits are looked at, and they stay where they are",
    **{
        ("SungrowSH", "output_type", f"scale x {factor}"): "only 0, one phase, is looked for"
        for factor in (10, 0.1, -1)
    },
    **{
        ("KostalPlenticore", f"most_{way}", "*"): "the batteries of these take and give what the inverter is rated"
        for way in ("charge", "discharge")
    },
    **{
        ("SungrowSH", name, "*"): reason
        for name, reason in (
            ("battery_power", "where it is not told the older registers are, and they tell the same"),
            ("battery_rated", "the battery converters of the listed models are rated like their inverters"),
        )
    },
    **{
        (name, "product", "*"): "the figures in a name tell the model, wherever they stand in it"
        for name in ("AdvancedEnergy",)
    },
    ("GoodWe", "product", "*"): "the serial number tells the series; the name stands in where it does not",
    ("HemBess1", "product", "*"): "the row has one model; the name only keeps others out",
    **{
        ("HemBess1", f"{way}_rating", "*"): "both are the rated power of the assumed devices"
        for way in ("charge", "discharge")
    },
    ("SmaWindow", "silence_time", "address +2"): "what stands there is no time of the document, the default holds",
    ("SolaxX3Hybrid", "pv2_power", "u16 as u32"): "the word after it is always 0 and counts little or nothing",
    **{
        ("AcThor", "state", change): "the operation state tells a fault as well"
        for change in ("address +2", "scale x 0.1", "scale x -1")
    },
    ("AcThor", "timeout", "*"): "a time that is not read is taken for the shortest: commands are given sooner",
    **{
        ("SmlMeter", name, "*"): "every meter of the captures that sends it sends the total too"
        for name in ("export_energy_2", "import_energy_1", "import_energy_2", "export_energy_1")
    },
    **{
        ("Sdm630", f"import_energy_l{phase}", "*"): "it is only asked whether any of the three counts"
        for phase in (1, 2, 3)
    },
    ("SmlMeter", "maker", "obis misspelt"): "the letters in the server id tell the maker as well",
    ("VictronGx", "stored_setpoint", "*"): "it is 0, as delivered, wherever there is no VE.Bus",
    ("Gridcon", "date", "*"): "the device only looks whether the time moves on",
    ("Gridcon", "time", "scale x 10"): "the device only looks whether the time moves on",
    ("EcbCharger", "export_power", "key misspelt"): "a charging point never feeds; boxes without the key are read too",
    ("KebaP30Udp", "report", "is never written"): "a report is asked for, nothing is told by it",
}
