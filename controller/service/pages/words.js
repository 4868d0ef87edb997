// What the pages say, in English and German. Reasons come from the controller in English, their German is in reasons.js.

import {german} from "./reasons.js"

const GERMAN = {
  "Live": "Jetzt", "Devices": "Geräte", "Charging": "Laden", "Plan": "Plan", "History": "Verlauf", "Signals": "Signale",
  "Installation": "Anlage", "Events": "Ereignisse", "Access": "Zugang", "Log in": "Anmelden", "Log out": "Abmelden",
  "Set up": "Einrichten", "Name": "Name", "Password": "Passwort", "at least 10 characters": "mindestens 10 Zeichen",
  "Code from the start of the program": "Code vom Start des Programms", "Language": "Sprache",
  "Light or dark": "Hell oder dunkel", "Menu": "Menü", "Sun": "Sonne", "Grid": "Netz", "Battery": "Batterie",
  "House": "Haus", "unknown": "unbekannt", "buys": "Bezug", "feeds in": "Einspeisung", "charges": "lädt",
  "discharges": "entlädt", "Price": "Preis", "State": "Zustand", "Read": "Gelesen", "Asked": "Verlangt", "Stands": "Steht",
  "Why": "Warum", "seconds ago": "vor Sekunden", "online": "verbunden", "offline": "getrennt", "waiting": "wartet",
  "rejected": "abgelehnt", "defect": "Treiberfehler", "Reading": "Messwerte", "Not believed": "Nicht geglaubt",
  "Chain of reasons": "Kette der Gründe", "Rank": "Rang", "Who": "Wer", "What": "Was", "Value": "Wert", "Reason": "Grund",
  "safety": "Sicherheit", "grid": "Netzbetreiber", "connection": "Anschluss", "user": "Nutzer",
  "optimisation": "Optimierung", "at most": "höchstens", "at least": "mindestens", "setpoint": "Sollwert",
  "limit_power": "Leistung begrenzen", "charge": "laden", "discharge": "entladen", "limit_current": "Strom begrenzen",
  "pause": "Pause", "set_power": "Leistung", "release": "freigeben", "left to itself": "sich selbst überlassen",
  "Mode": "Betriebsart", "surplus": "Überschuss", "fast": "schnell", "cheap": "günstig", "off": "aus", "none": "frei",
  "Target": "Ziel", "until": "bis", "Minimum": "Minimum", "Maximum": "Maximum", "Charge now, 1 h": "Jetzt laden, 1 h",
  "Pause, 1 h": "Pause, 1 h", "Automatic": "Automatik", "No charge point here.": "Hier gibt es keinen Ladepunkt.",
  "Car": "Auto", "plugged in": "eingesteckt", "not plugged in": "nicht eingesteckt", "Price of 36 hours": "Preis für 36 Stunden",
  "No tariff tells prices.": "Kein Tarif nennt Preise.", "takes power at these prices": "nimmt Strom zu diesen Preisen",
  "waits for no price": "wartet auf keinen Preis", "Day": "Tag", "Month": "Monat", "Year": "Jahr", "Date": "Datum", "Period": "Zeitraum", "own": "eigene Regelung", "controller": "Steuerung",
  "Import": "Bezug", "Export": "Einspeisung", "Generation": "Erzeugung", "Consumption": "Verbrauch",
  "Charged": "Geladen", "Discharged": "Entladen", "Cost of import": "Kosten des Bezugs",
  "Self-consumption": "Eigenverbrauch", "Autarky": "Autarkie", "Power": "Leistung", "Energy": "Energie",
  "Nothing is known of this time.": "Aus dieser Zeit ist nichts bekannt.", "From outside now": "Von außen jetzt",
  "Nobody limits the house.": "Niemand begrenzt das Haus.", "Evidence": "Nachweise", "From": "Von", "Until": "Bis",
  "Measured": "Gemessen", "For the grid operator (CSV)": "Für den Netzbetreiber (CSV)",
  "The chain of hashes holds.": "Die Kette der Prüfsummen hält.", "The chain of hashes is broken at": "Die Kette der Prüfsummen bricht bei",
  "No evidence yet.": "Noch keine Nachweise.", "Row of the list": "Zeile der Liste", "Remark": "Bemerkung",
  "Controlled by": "Gesteuert durch", "When we fall silent": "Wenn wir verstummen", "Protocol": "Protokoll",
  "Rated power": "Nennleistung", "Remarks": "Hinweise", "Everything is there.": "Es fehlt nichts.",
  "Find devices": "Geräte suchen", "Where: host, network such as 192.168.1.0/24, or serial device": "Wo: Rechner, Netz wie 192.168.1.0/24, oder serielle Schnittstelle",
  "also hear who tells of himself on the network": "auch hören, wer sich im Netz selbst meldet", "Search": "Suchen", "Searching": "Sucht",
  "Nothing is changed in any device.": "In keinem Gerät wird etwas geändert.", "Found": "Gefunden", "Check": "Prüfen", "Where": "Wo",
  "Write into the site file": "In die Anlagendatei schreiben", "Not like this": "So nicht",
  "written, counts from the next start": "geschrieben, gilt ab dem nächsten Start",
  "Users": "Nutzer", "Tokens": "Zugangsschlüssel", "Role": "Rolle", "read": "lesen", "operate": "bedienen",
  "install": "einrichten", "Add": "Anlegen", "Remove": "Entfernen", "It is shown only now": "Er wird nur jetzt gezeigt",
  "Changes": "Änderungen", "Time": "Zeit", "Device": "Gerät", "Older": "Ältere", "no connection to the controller": "keine Verbindung zur Steuerung",
  "Nothing outlives a restart": "Nichts übersteht einen Neustart", "API": "API", "Kept": "Aufbewahrt", "now": "jetzt",
  "pv": "Photovoltaik", "battery": "Batterie", "charger": "Ladepunkt", "grid-meter": "Netzzähler", "meter": "Zähler",
  "heater": "Heizung", "ripple": "Rundsteuerung", "tariff": "Tarif", "marketer": "Direktvermarkter", "other": "anderes",
  "feed-in": "Einspeisung", "consumption": "Verbrauch", "valid": "gültig", "held": "gehalten", "fail-safe": "Rückfall",
  "not read yet": "noch nicht gelesen", "expired": "abgelaufen", "no limit": "keine Grenze", "not taken yet": "noch nicht übernommen",
}

let language = localStorage.getItem("language") || (navigator.language.startsWith("de") ? "de" : "en")

export const spoken = () => language

export function speak(which) {
  language = which
  localStorage.setItem("language", which)
  document.documentElement.lang = which
}

export function t(words) {
  return language === "de" ? GERMAN[words] ?? words : words
}

export const reason = words => language === "de" ? german(words ?? "") : words

const formats = new Map()

export function number(value, digits = 0) {
  if (value === null || value === undefined) return t("unknown")
  const key = language + digits
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(language, {maximumFractionDigits: digits, minimumFractionDigits: digits, signDisplay: "negative"}))
  return formats.get(key).format(value)
}

export function power(watts) {
  if (watts === null || watts === undefined) return t("unknown")
  return Math.abs(watts) < 1000 ? `${number(watts)} W` : `${number(watts / 1000, 2)} kW`
}

export function energy(hours) {
  return hours === null || hours === undefined ? t("unknown") : `${number(hours / 1000, 1)} kWh`
}

export function percent(share) {
  return share === null || share === undefined ? t("unknown") : `${number(100 * share)} %`
}

export function instant(seconds, zone, options = {dateStyle: "short", timeStyle: "medium"}) {
  return new Intl.DateTimeFormat(language, {...options, timeZone: zone}).format(1000 * seconds)
}
