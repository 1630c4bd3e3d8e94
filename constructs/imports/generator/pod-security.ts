import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { GoModule } from "./go-module";

/** The module of Kubernetes' Pod Security admission: released with Kubernetes, v0.x.y for each v1.x.y. */
export function podSecurityModule(kubernetesVersion: string): GoModule {
  return { module: "k8s.io/pod-security-admission", version: kubernetesVersion.replace(/^v1\./, "v0.") };
}

/**
 * The pods that Pod Security admission itself is tested with at level "restricted", admitted and refused ones: what our
 * own reading of the profile is held against.
 *
 * @param folder of the module
 * @param kubernetesVersion release whose profile is meant; the profile is one for all releases of a minor version
 * @returns text of one JSON document, a line a pod
 */
export function podSecuritySamplesOf(folder: string, kubernetesVersion: string): string {
  const minor = /^v\d+\.\d+/.exec(kubernetesVersion)?.[0] ?? kubernetesVersion;
  const samples = (outcome: "pass" | "fail") => {
    const within = join(folder, "test", "testdata", "restricted", minor, outcome);
    const pods = readdirSync(within).sort();
    return pods.map((file) => JSON.stringify(parse(readFileSync(join(within, file), "utf8")))).join(",\n");
  };
  const header = `"$comment":"Samples of Pod Security admission ${minor}. Written by npm run imports; never edited."`;
  return `{${header},\n"admitted":[\n${samples("pass")}],\n"refused":[\n${samples("fail")}]}\n`;
}
