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
 * @param minor Kubernetes version whose profile is meant: `1.35`
 * @returns text of one JSON document, a line a pod
 */
export function podSecuritySamplesOf(folder: string, minor: string): string {
  const samples = (outcome: "pass" | "fail") => {
    const within = join(folder, "test", "testdata", "restricted", `v${minor}`, outcome);
    const pods = readdirSync(within).sort();
    return pods.map((file) => JSON.stringify(parse(readFileSync(join(within, file), "utf8")))).join(",\n");
  };
  const header = `"$comment":"Samples of Pod Security admission ${minor}. Written by npm run imports; never edited."`;
  return `{${header},\n"admitted":[\n${samples("pass")}],\n"refused":[\n${samples("fail")}]}\n`;
}
