// Build the scripts of all rooms: every file of ../<room>/front becomes ../pages/static/dist/<room>-<file>.js.
// 构建各模块的网页脚本。
import { build } from "esbuild";
import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const rooms = join(here, "..");
const out = join(rooms, "pages", "static", "dist");

const entries = {};
for (const room of await readdir(rooms)) {
  const folder = join(rooms, room, "front");
  if (!existsSync(folder)) continue;
  for (const file of await readdir(folder)) {
    if (file.endsWith(".js")) entries[`${room}-${basename(file, ".js")}`] = join(folder, file);
  }
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: entries,
  outdir: out,
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  target: "es2022",
  nodePaths: [join(here, "node_modules")],
  chunkNames: "shared-[hash]",
  legalComments: "linked",
  logLevel: "warning",
});
const maplibre = join(here, "node_modules", "maplibre-gl", "dist");
for (const name of ["maplibre-gl-worker.mjs", "maplibre-gl.css"]) {
  await copyFile(join(maplibre, name), join(out, name));
}
