// What was and what is to come: plan against price, history with cost, signals and evidence, events.

import {bars, curves} from "./chart.js"
import {facts, h, link, table} from "./dom.js"
import {energy, instant, number, percent, reason, t} from "./words.js"
import {house, load, zone} from "./house.js"

const hour = at => instant(at, zone(), {hour: "2-digit"})

export async function plan(element) {
  const told = await load("plan")
  const card = h("section", {class: "card"}, h("h2", {}, t("Price of 36 hours")))
  if (told.prices.length) {
    const every = Math.ceil(told.prices.length / 8)
    card.append(bars(t("Price of 36 hours"), "ct/kWh", told.prices.map(each => hour(each.start)),
      [{name: t("Price"), kind: "grid", values: told.prices.map(each => each.price)}], every))
  } else card.append(h("p", {}, t("No tariff tells prices.")))
  element.append(card)
  for (const each of told.devices) {
    const cheap = told.prices.map(slot => each.cheap.includes(slot.start) ? slot.price : null)
    element.append(h("section", {class: "card"}, h("h2", {}, each.name), facts([[t("Mode"), t(each.mode ?? each.regulation)]]),
      each.cheap.length ? bars(`${each.name}: ${t("takes power at these prices")}`, "ct/kWh", told.prices.map(slot => hour(slot.start)),
        [{name: t("takes power at these prices"), kind: "store", values: cheap}], Math.ceil(told.prices.length / 8))
        : h("p", {class: "soft"}, t("waits for no price"))))
  }
}

const FLOWS = [["import", "Import", "grid"], ["generation", "Generation", "sun"], ["consumption", "Consumption", "load"], ["export", "Export", "store"]]
const PARTS = {day: {hour: "2-digit"}, month: {day: "numeric"}, year: {month: "short"}}

export function history(element) {
  const today = new Intl.DateTimeFormat("sv", {timeZone: zone()}).format(1000 * (house.time || Date.now() / 1000))
  const period = h("select", {id: "period"}, [["day", "Day"], ["month", "Month"], ["year", "Year"]].map(([key, name]) => h("option", {value: key}, t(name))))
  const day = h("input", {id: "day", type: "date", value: today, required: true}), shown = h("div")
  element.append(h("div", {class: "row"}, h("label", {for: "period"}, t("Period"), " ", period), h("label", {for: "day"}, t("Date"), " ", day)), shown)
  const draw = async () => {
    if (!day.value) return
    const told = await load(`balance?period=${period.value}&day=${day.value}`)
    const parts = told.parts, total = told.total, begin = Math.round(told.begin), end = Math.round(told.end)
    const cards = h("div", {class: "cards"}, h("section", {class: "card"}, h("h2", {}, t("Energy")), facts([
      ...FLOWS.map(([key, name]) => [t(name), energy(total[key])]), [t("Charged"), energy(total.charging)], [t("Discharged"), energy(total.discharging)]])),
    h("section", {class: "card"}, facts([[t("Cost of import"), told.priced ? `${number(total.cost, 2)} €` : t("unknown")],
      [t("Self-consumption"), percent(told.self_consumption)], [t("Autarky"), percent(told.autarky)]]),
      h("p", {}, link("CSV", `api/v1/history.csv?quantity=import&begin=${begin}&end=${end}`))))
    const chart = h("section", {class: "card"})
    const every = parts.length > 13 ? Math.ceil(parts.length / 8) : 1
    chart.append(told.known ? bars(t("Energy"), "kWh", parts.map(each => instant(each.begin, zone(), PARTS[period.value])),
      FLOWS.map(([key, name, kind]) => ({name: t(name), kind, values: parts.map(each => each[key] / 1000)})), every)
      : h("p", {}, t("Nothing is known of this time.")))
    shown.replaceChildren(cards, h("p"), chart)
    if (period.value === "day") {
      const read = await Promise.all(FLOWS.map(([key]) => load(`history?quantity=${key}&begin=${begin}&end=${end}&step=900`)))
      if (read.some(each => each.points.length)) {
        const times = [0, 6, 12, 18].map(n => [told.begin + 3600 * n, hour(told.begin + 3600 * n)])
        shown.append(h("p"), h("section", {class: "card"}, curves(t("Power"), "W", told.begin, told.end,
          FLOWS.map(([, name, kind], place) => ({name: t(name), kind, points: read[place].points})), times, 900)))
      }
    }
    shown.dataset.period = period.value
  }
  period.addEventListener("change", draw)
  day.addEventListener("change", draw)
  return draw().then(() => undefined)
}

export async function signals(element) {
  const now = h("section", {class: "card"})
  element.append(now)
  const {records, broken, more} = await load("evidence")
  const value = each => each.value === null ? "" : `${number(each.value)} ${each.unit}`
  element.append(h("section", {class: "card"}, h("h2", {}, t("Evidence")),
    h("p", {class: broken ? "bad" : "soft"}, broken ? `${t("The chain of hashes is broken at")} ${broken.number}: ${broken.what}` : t("The chain of hashes holds.")),
    h("p", {}, link(t("For the grid operator (CSV)"), "api/v1/evidence.csv")),
    records.length ? table(t("Evidence") + (more ? " …" : ""), ["№", t("Who"), t("What"), t("Value"), t("From"), t("Until"), t("Measured"), t("Reason")],
      records.map(each => [String(each.number), each.who, each.what, value(each), instant(each.from_time, zone()),
        each.until_time === null ? "" : instant(each.until_time, zone()), each.measured === null ? "" : `${number(each.measured)} W`, reason(each.reason)]), [3, 6])
      : h("p", {}, t("No evidence yet."))))
  return () => {
    const limiting = house.signals
    now.replaceChildren(h("h2", {}, t("From outside now")), limiting.length ? h("div", {}, limiting.map(each => h("p", {},
      `${each.source}: ${t(each.kind)} ${each.limits ? `${t("at most")} ${number(each.value)} ${each.unit}` : t("no limit")} · ${t(each.state)} · ${instant(each.since, zone())} · ${reason(each.reason)}`)))
      : h("p", {}, t("Nobody limits the house.")))
  }
}

export async function events(element) {
  const list = h("div"), older = h("button", {type: "button"}, t("Older"))
  const all = []
  const read = async () => {
    const found = await load(`events?limit=50${all.length ? `&before=${all.at(-1).number}` : ""}`)
    all.push(...found)
    list.replaceChildren(table(t("Events"), [t("Time"), t("Device"), t("What")], all.map(each => [instant(each.time, zone()), each.device, reason(each.what)])))
    older.hidden = found.length < 50
  }
  older.addEventListener("click", read)
  element.append(list, older)
  await read()
}
