// The guided set-up: who answers on networks and lines, what the list says of them, and the site file with them in it.

import {facts, h} from "./dom.js"
import {reason, t} from "./words.js"
import {ask, load} from "./house.js"

const PAUSE = 1000 // ms between two looks at a search

export async function find(element) {
  const problem = h("p", {class: "bad", role: "alert"}), state = h("p", {role: "status"}), said = h("ul", {class: "soft"})
  const list = h("div", {class: "cards"}), outcome = h("div")
  const write = h("button", {type: "button", "data-command": "write", disabled: true, click: () => done(written)}, t("Write into the site file"))
  const check = h("button", {type: "button", "data-command": "check", click: () => done(checked)}, t("Check"))
  const chosen = h("section", {class: "card", hidden: true}, h("div", {class: "row"}, check, write), outcome)
  const cards = new Map()
  const search = h("form", {class: "card", submit(event) {
    event.preventDefault()
    const {where, network} = search.elements
    done(async () => {
      cards.clear()
      list.replaceChildren()
      outcome.replaceChildren()
      show(await ask("POST", "find", {where: where.value.split(/[\s,]+/).filter(each => each), network: network.checked}))
    })
  }}, h("p", {}, h("label", {for: "where"}, t("Where: host, network such as 192.168.1.0/24, or serial device")),
    h("input", {id: "where", name: "where", autocomplete: "off", spellcheck: "false"})),
  h("p", {}, h("label", {}, h("input", {type: "checkbox", name: "network", id: "network"}), " ", t("also hear who tells of himself on the network"))),
  h("button", {class: "main"}, t("Search")), h("p", {class: "soft"}, t("Nothing is changed in any device.")))

  async function done(work) {
    problem.textContent = ""
    try { await work() } catch (refused) {
      write.disabled = true
      problem.textContent = reason(refused.message)
    }
  }

  function show(told) {
    for (const each of told.found) if (!cards.has(each.number)) {
      cards.set(each.number, card(each))
      list.append(cards.get(each.number).element)
    }
    said.replaceChildren(...told.said.map(each => h("li", {}, each)))
    state.textContent = told.running ? `${t("Searching")} … ${told.seconds} s` : told.found.length || told.said.length ? `${t("Found")}: ${told.found.length}` : ""
    chosen.hidden = !told.found.length
    if (told.running && element.isConnected) setTimeout(() => done(async () => show(await load("find"))), PAUSE)
  }

  function card(each) {
    const id = `found-${each.number}`, {identity, objection, remark} = each
    const take = h("input", {type: "checkbox", id: `${id}-take`, checked: !objection, change: () => { write.disabled = true }})
    const name = h("input", {id: `${id}-name`, value: each.name, required: true, change: () => { write.disabled = true }})
    const row = h("select", {id: `${id}-row`}, [each.row, ...each.also].map(one => h("option", {value: one}, String(one))))
    const grid = h("input", {type: "checkbox", id: `${id}-grid`})
    const meter = each.section === "electricity-meter"
    return {take, name, row, grid, meter, number: each.number, element: h("section", {class: "card", "data-found": String(each.row)},
      h("h2", {}, h("label", {}, take, ` ${identity.manufacturer} ${identity.model}`)),
      facts([[t("Where"), each.where], ["", identity.serial], [t("Protocol"), each.protocol], [t("Remark"), remark]]),
      h("p", {}, h("label", {for: `${id}-name`}, t("Name"), " ", name)),
      h("p", {}, h("label", {for: `${id}-row`}, t("Row of the list"), " ", row)),
      meter ? h("p", {}, h("label", {}, grid, " ", t("grid-meter"))) : null,
      objection ? h("p", {class: "bad why"}, `${t("Not like this")}: ${reason(objection)}`) : null)}
  }

  const devices = () => [...cards.values()].filter(each => each.take.checked).map(each => ({number: each.number,
    name: each.name.value, row: Number(each.row.value), ...(each.meter && each.grid.checked ? {function: "grid-meter"} : {})}))

  async function checked() {
    const told = await ask("POST", "find/draft", {devices: devices()})
    outcome.replaceChildren(missing(told), h("pre", {tabindex: "0"}, told.text))
    write.disabled = false
  }

  async function written() {
    const told = await ask("POST", "find/write", {devices: devices()})
    outcome.replaceChildren(h("p", {role: "status"}, `${told.file}: ${t("written, counts from the next start")}`), missing(told))
    write.disabled = true
  }

  const missing = told => told.missing.length ? h("ul", {}, told.missing.map(each => h("li", {}, reason(each)))) : h("p", {}, t("Everything is there."))

  element.append(search, problem, state, list, h("p"), chosen, said)
  show(await load("find"))
}
