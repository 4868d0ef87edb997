// The frame of the pages: who is there, which page is shown, live values for all of them.

import {h} from "./dom.js"
import {speak, spoken, t} from "./words.js"
import {ask, house, listen, load, whoami} from "./house.js"
import {enter} from "./enter.js"
import {live, devices, device, charging} from "./now.js"
import {plan, history, signals, events} from "./time.js"
import {installation, access} from "./site.js"
import {find} from "./find.js"

const PAGES = [
  ["live", "Live", live], ["devices", "Devices", devices], ["charging", "Charging", charging], ["plan", "Plan", plan],
  ["history", "History", history], ["signals", "Signals", signals], ["events", "Events", events],
  ["installation", "Installation", installation], ["find", "Find devices", find],
  ["access", "Access", access],
]
const main = document.getElementById("main")
let update = () => {}
let shown = 0

function menu(current) {
  const nav = document.getElementById("nav")
  nav.setAttribute("aria-label", t("Menu"))
  const allowed = PAGES.filter(([name]) => !["access", "find"].includes(name) || house.me.role === "install")
  nav.replaceChildren(...(house.me.name ? allowed : []).map(([name, title]) =>
    h("a", {href: `#${name}`, "aria-current": name === current && "page"}, t(title))))
  if (house.me.name) nav.append(h("a", {href: "#", click: leave}, t("Log out")))
}

async function leave(event) {
  event.preventDefault()
  await ask("POST", "logout")
  location.reload()
}

async function show(focus = true) {
  const [name, which] = location.hash.slice(1).split("/").map(decodeURIComponent)
  const turn = ++shown
  update = () => {}
  if (!house.me.name) {
    menu("")
    main.replaceChildren(...enter(start))
    document.title = t(house.me.set_up ? "Log in" : "Set up")
    main.dataset.ready = "enter"
    return
  }
  const [key, title, page] = name === "device" ? ["devices", which, element => device(element, which)]
    : PAGES.find(each => each[0] === name) ?? PAGES[0]
  menu(key)
  document.title = `${t(title)} · ${house.site?.site ?? "hem"}`
  delete main.dataset.ready
  const element = h("div")
  main.replaceChildren(h("h1", {}, t(title)), element)
  if (focus) main.focus()
  try {
    const wanted = await page(element)
    if (turn !== shown) return
    update = wanted ?? update
    if (house.time) update()
  } catch (problem) {
    element.append(h("p", {class: "bad", role: "alert"}, String(problem.message ?? problem)))
  }
  main.dataset.ready = key
}

function state(words) {
  document.getElementById("state").textContent = words
}

async function start() {
  await whoami()
  if (house.me.name) {
    house.site = await load("site")
    document.getElementById("site").textContent = house.site.site
    await new Promise(first => listen(() => {
      state(house.problem ? `${t("Nothing outlives a restart")}: ${house.problem}` : "")
      update()
      first()
    }, () => {
      state(t("no connection to the controller"))
      first()
    }))
  }
  await show(false)
}

const theme = document.getElementById("theme"), language = document.getElementById("language")

function labels() {
  speak(spoken())
  theme.setAttribute("aria-label", t("Light or dark"))
  language.setAttribute("aria-label", t("Language"))
  language.value = spoken()
}

function paint(which) {
  if (which) document.documentElement.dataset.theme = which
}

theme.addEventListener("click", () => {
  const dark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches
  localStorage.setItem("theme", dark ? "light" : "dark")
  paint(localStorage.getItem("theme"))
})
language.addEventListener("change", () => {
  speak(language.value)
  labels()
  show(false)
})
addEventListener("hashchange", () => show())
paint(localStorage.getItem("theme"))
labels()
start().catch(problem => state(String(problem.message ?? problem)))
