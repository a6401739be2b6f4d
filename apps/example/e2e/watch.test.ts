import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessibilityFindings } from './accessibility.ts';
import type { App } from './app.ts';
import { describeWithBrowser, openBrowser } from './browser.ts';
import { leaks, visit } from './visit.ts';

const SECRET = 'Abc/123+xyz&789=';
const BAD_PAGE =
  '<html lang="en"><title>x</title><main><p style="color: #ccc">pale</p><img src="x.png"></main><script>console.error("no")</script>';

// What these find is nothing everywhere else, so here is something to find.
describeWithBrowser('what watches over the tests', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  it.each([SECRET, encodeURIComponent(SECRET), 'Abc/123+xyz&amp;789='])('finds a secret that is spelled %s', (spelling) => {
    expect(
      leaks(
        [SECRET],
        [
          ['the page', `<p>${spelling}</p>`],
          ['the log', 'nothing'],
        ],
      ),
    ).toEqual(['the page']);
  });

  it('finds pages that some cannot read, errors of scripts, and secrets in answers', async () => {
    const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(BAD_PAGE + SECRET));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo; // it listens on a port
    const app: App = { url: `http://127.0.0.1:${port}`, printed: () => '', secrets: () => [], stop: async () => 0 };
    const [complaining, leaking] = [await visit(browser, app), await visit(browser, { ...app, secrets: () => [SECRET] })];
    await complaining.go('/');
    const findings = await accessibilityFindings(complaining.page);
    expect(findings.map((finding) => finding.split(':')[0])).toEqual(expect.arrayContaining(['color-contrast', 'image-alt']));
    await expect(complaining.end()).rejects.toThrow('no');
    await leaking.page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: SECRET }));
    await leaking.go('/');
    await expect(leaking.end()).rejects.toThrow(app.url);
    server.close();
    server.closeAllConnections();
  });
});
