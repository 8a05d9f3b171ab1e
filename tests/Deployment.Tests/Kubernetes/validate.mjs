// Checks objects (a JSON array on standard input) with the schemas of the npm packages kubernetes-models, @kubernetes-models/keda and
// @kubernetes-models/prometheus-operator, which stand under the folder given. Prints one line an error; none when all is well.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const packageOf = { "keda.sh": "@kubernetes-models/keda", "monitoring.coreos.com": "@kubernetes-models/prometheus-operator" };

for (const object of JSON.parse(readFileSync(0, "utf8"))) {
  const name = `${object.kind} ${object.metadata?.name}`;
  const group = object.apiVersion.includes("/") ? object.apiVersion.split("/")[0] : "";
  try {
    const models = await import(pathToFileURL(`${folder}/node_modules/${packageOf[group] ?? "kubernetes-models"}/${object.apiVersion}/index.js`));
    if (!models[object.kind]) throw new Error(`no schema for ${object.apiVersion}`);
    new models[object.kind](object).validate();
  } catch (error) {
    console.log(`${name}: ${error.message}`);
  }
}
