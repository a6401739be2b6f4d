import { server } from './server.js';

// biome-ignore lint/style/noDefaultExport: workerd asks for one.
export default {
  /** @param {Request} request */
  fetch: async (request) => Response.json(await server(await request.json(), { tellsPhases: false })),
};
