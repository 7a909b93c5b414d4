// Calls of the service. A failure is an ApiError with a sentence for people.

const KEY = "pecrs-key";
const SERVICE = new URL("..", import.meta.url); // a proxy may have put it under a path

export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

const stored = () => sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);

export function keepKey(key, remember) {
  forgetKey();
  (remember ? localStorage : sessionStorage).setItem(KEY, key);
}

export function forgetKey() {
  sessionStorage.removeItem(KEY);
  localStorage.removeItem(KEY);
}

async function call(method, path, body, headers = {}, key = stored()) {
  if (key) headers.Authorization = `Bearer ${key}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(new URL(path, SERVICE), { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new ApiError(navigator.onLine ? "The service cannot be reached." : "You are offline.", 0);
  }
  if (answer.ok) return answer;
  if (answer.status === 401) dispatchEvent(new Event("pecrs-key-needed"));
  const problem = await answer.json().catch(() => null);
  throw new ApiError(problem?.error?.message ?? `The service failed (${answer.status}).`, answer.status);
}

const json = async (...arguments_) => (await call(...arguments_)).json();
const at = (id) => `v1/sessions/${encodeURIComponent(id)}`;

export const me = (key) => json("GET", "v1/me", undefined, {}, key);
export const facets = (common = 100) => json("GET", `v1/facets?common=${common}`);
// What passes some filters before anything is said.
export const passing = (filters) => json("POST", "v1/recommend", { messages: [{ role: "user", content: "Hello" }], k: 1, filters });
export const sessions = (after) => json("GET", `v1/sessions?limit=30${after ? `&after=${encodeURIComponent(after)}` : ""}`);
export const session = (id) => json("GET", at(id));
export const create = (filters) => json("POST", "v1/sessions", { filters });
export const change = (id, body) => json("PATCH", at(id), body);
export const remove = (id) => call("DELETE", at(id));
export const feedback = (id, item, value) => json("POST", "v1/feedback", { session_id: id, item_id: item, value, k: 10 });
export const seen = (name, text) => json("POST", "v1/seen", { name, text });
export const wanted = (id) => json("GET", `${at(id)}/state`);
export const removePart = (id, key) => json("PATCH", `${at(id)}/state`, { remove: [key], k: 10 });
export const setPopularity = (id, popularity) => json("PATCH", `${at(id)}/state`, { popularity, k: 10 });
export const rank = (id) => json("POST", "v1/recommend", { session_id: id, k: 10 });
// Why items stand where they do: before the turn at a position, or as of now.
export const explain = (id, position) => json("POST", "v1/recommend", { session_id: id, position, k: 50, explain: true });

// Says something and hands on the answer's words as they come; returns both turns.
export async function say(id, text, once, onWords) {
  const answer = await call("POST", `${at(id)}/messages`, { text, k: 10, stream: true }, { "Idempotency-Key": once });
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "", problem = "The connection broke before the answer was complete.";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      const events = (rest + value).split("\n\n");
      rest = events.pop();
      for (const event of events) {
        const message = JSON.parse(event.slice("data: ".length));
        if (message.type === "delta") onWords(message.text);
        if (message.type === "done") return message;
        if (message.type === "error") problem = message.error.message;
      }
    }
  } catch {
    // told below: the answer is kept by the service, and asking again brings it
  }
  throw new ApiError(problem, 0);
}
