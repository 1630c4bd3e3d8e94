import { Check, containersOf, Manifest, nameOf, ofKind, PodTemplate, podTemplatesOf } from "./manifest";

/** What a script names that lies beside it. */
const BESIDE = /\$\{(?:BASH_SOURCE\[0\]|0)%\/\*\}"?\/([\w.-]+)/g;

/** Scripts that containers start from ConfigMaps are in them, with all that they call beside themselves. */
export const checkScripts: Check = (docs) =>
  podTemplatesOf(docs).flatMap((template) =>
    containersOf(template).flatMap((container) =>
      commandsOf(container).flatMap((command) => missing(docs, template, container, command)),
    ),
  );

function commandsOf(container: any): string[] {
  const { command, args, livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.preStop, lifecycle?.postStart];
  return [command, args, ...handlers.map((handler) => handler?.exec?.command)].flatMap((words) => words ?? []);
}

function missing(docs: readonly Manifest[], template: PodTemplate, container: any, command: string): string[] {
  const mount = container.volumeMounts?.find(({ mountPath }: any) => command.startsWith(`${mountPath}/`));
  const volume = template.spec.volumes?.find(({ name }: any) => name === mount?.name);
  if (volume?.configMap === undefined) return [];
  const { name } = volume.configMap;
  const found = ofKind(docs, "ConfigMap", template.namespace).find(({ metadata }) => metadata.name === name);
  const file = command.slice(`${mount.mountPath}/`.length);
  return missingIn(found?.data ?? {}, file).map(
    (script) => `${nameOf(template.owner)}: starts ${script}, which ConfigMap ${name} doesn't have`,
  );
}

/** Of a file and what it calls, and so on, those that aren't there. */
function missingIn(data: Readonly<Record<string, string>>, file: string, seen = new Set<string>()): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = data[file];
  if (text === undefined) return [file];
  return [...text.matchAll(BESIDE)].flatMap(([, beside = ""]) => missingIn(data, beside, seen));
}
