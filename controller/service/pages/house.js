// What is known of the house, and how it is asked for. Live values come as server-sent events.

export const house = {me: {name: null, role: null, set_up: true}, site: null, devices: {}, flows: {}, signals: [], time: 0, problem: ""}

export class Refused extends Error {}

export async function ask(method, path, body) {
  const told = body === undefined ? {} : {body: JSON.stringify(body), headers: {"Content-Type": "application/json"}}
  const answer = await fetch(`api/v1/${path}`, {method, ...told})
  if (answer.status === 401 && house.me.name) location.reload()
  if (!answer.ok) {
    const {detail} = await answer.json().catch(() => ({detail: answer.statusText}))
    throw new Refused(typeof detail === "string" ? detail : detail.map(each => `${each.loc.at(-1)}: ${each.msg}`).join("; "))
  }
  return answer.json()
}

export const load = path => ask("GET", path)

export async function whoami() {
  house.me = await load("me")
}

export function listen(changed, lost) {
  const source = new EventSource("api/v1/live")
  source.onmessage = ({data}) => {
    const told = JSON.parse(data)
    Object.assign(house.devices, told.devices)
    Object.assign(house, {flows: told.house, signals: told.signals, time: told.time, problem: told.problem})
    changed()
  }
  source.onerror = lost
}

export const zone = () => house.site?.time_zone
export const may = role => ["read", "operate", "install"].indexOf(house.me.role) >= ["read", "operate", "install"].indexOf(role)
