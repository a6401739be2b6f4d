import type { Clock } from '@auth/core';
import { expandOf } from './expand.ts';
import { parisTime } from './paris-time.ts';
import { type Authentication, authorize } from './request.ts';
import type { Routes } from './routes.ts';

/** What the routes of certificates work with. */
export interface CertificateRouteOptions extends Authentication {
  readonly clock: Clock;
  /** Of each type there is one certificate. */
  readonly certificateTypes: readonly string[];
}

/** The latest certificate of a type. Assumption: any token will do. */
export const certificateRoutes = (routes: Routes, options: CertificateRouteOptions): void => {
  const created = parisTime(options.clock.now());

  routes('/certificate/:type', {
    GET: async (c) => {
      await authorize(c.req.raw, options);
      const index = options.certificateTypes.indexOf(c.req.param('type') ?? '');
      if (index < 0) throw options.refuse.notFound();
      const expand = expandOf(c.req.raw, options.refuse);
      const type = options.certificateTypes[index];
      const [publicFile, privateFile] = [2 * index + 1, 2 * index + 2];
      return c.json({
        id: index + 1,
        id_public_key_file: publicFile,
        id_private_key_file: privateFile,
        type,
        created,
        ...(expand.has('public_key_file') && { public_key_file: file(publicFile, `${type}.crt`) }),
        ...(expand.has('private_key_file') && { private_key_file: file(privateFile, `${type}.key`) }),
      });
    },
  });
};

/** Assumption: the ids of the two files are those of file resources. */
const file = (id: number, filename: string): object => ({ id, content_type: 'application/x-pem-file', filename, file_size: 1704 });
