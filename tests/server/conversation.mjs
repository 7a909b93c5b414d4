// A conversation with an interrupted answer goes on, whole and streamed: `node conversation.mjs ADDRESS`.
import OpenAI from "openai";

const client = new OpenAI({ baseURL: `${process.argv[2]}/v1`, apiKey: "none", maxRetries: 0 });
const messages = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "I love Alien (1979)." },
  { role: "assistant", content: "" },
  { role: "user", content: [{ type: "text", text: "Are you there?" }] },
  { role: "assistant", content: null, tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "{}" } }] },
  { role: "tool", tool_call_id: "c", content: "nothing" },
  { role: "user", content: "What next?" },
];
const asked = { model: "pecrs", messages, seed: 1, stream: null, n: 1, tools: null };
const whole = await client.chat.completions.create(asked);
const stream = await client.chat.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } });
let said = "";
for await (const chunk of stream) said += chunk.choices[0]?.delta?.content ?? "";
messages.push(whole.choices[0].message, { role: "user", content: "Something funnier?" });
const next = await client.chat.completions.create(asked);
const refused = await client.chat.completions.create({ ...asked, n: 2 }).catch((error) => ({ status: error.status, param: error.param }));
console.log(JSON.stringify({ whole: whole.choices[0].message.content, said, next: next.choices[0].message.content, refused }));
