// Are the tarballs of a folder, file for file, those that were packed and tested here?
import { runCommand } from './command.ts';
import { integrityOf } from './published.ts';
import { tarballs } from './tarballs.ts';

const USAGE = 'compare-tarballs.ts FOLDER: compares the tarballs of a folder with those that `release:pack` made here.';

const digestsOf = (folder?: string): ReadonlyMap<string, string> =>
  new Map(tarballs(folder).map(({ name, version, path }) => [`${name}@${version}`, integrityOf(path)]));

await runCommand({
  usage: USAGE,
  takes: 1,
  run: async (folder) => {
    if (folder === undefined) throw new Error(USAGE);
    const [here, there] = [digestsOf(), digestsOf(folder)];
    const differing = [...new Set([...here.keys(), ...there.keys()])].filter((one) => here.get(one) !== there.get(one));
    for (const one of differing)
      console.error(`${one} is not the same here and in ${folder}: what was tested is not what would be published.`);
    console.log(`${there.size} tarballs compared, ${differing.length} differ.`);
    process.exitCode = differing.length === 0 ? 0 : 1;
  },
});
