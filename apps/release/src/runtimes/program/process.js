// Node, Bun and Deno: `process.js SETTINGS`, both ways as JSON. Ends by itself, as nothing that the packages start keeps a process alive.
import { server } from './server.js';

const { Bun, Deno, process } = globalThis;
const title = Deno ? `Deno ${Deno.version.deno}` : Bun ? `Bun ${Bun.version}` : `Node ${process.versions.node}`;
const results = await server(JSON.parse(process.argv[2]));
console.log(JSON.stringify({ title, results }));
