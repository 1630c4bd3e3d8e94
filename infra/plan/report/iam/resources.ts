/** What a statement is on, in plain words. */
import { inList } from "../words";
import { serviceName } from "./actions";

/** `every EC2 subnet in eu-central-1`, `storage-logs-bucket and all in it`. */
export function resourcesText(resources: readonly string[]): string {
  return inList(mergedKinds(resources), "and");
}

/** ARNs that differ by their kind alone are one phrase: `every EC2 instance, volume and fleet in …`. */
function mergedKinds(resources: readonly string[]): string[] {
  const kinds = new Map<string, string[]>();
  const phrases = resources.map((resource) => {
    const every = everyOf(resource);
    if (every === undefined) return resourceText(resource);
    kinds.set(every.of, [...(kinds.get(every.of) ?? []), every.kind]);
    return every.of;
  });
  return [...new Set(phrases)].map((phrase) => {
    const own = kinds.get(phrase);
    return own === undefined ? phrase : phrase.replace("%", inList(own, "and"));
  });
}

/** Kinds that ARNs shorten. */
const KINDS: Readonly<Record<string, string>> = {
  db: "instance",
  subgrp: "subnet group",
  pg: "parameter group",
  og: "option group",
  hostedzone: "zone",
};

function everyOf(arn: string): { of: string; kind: string } | undefined {
  const [, , service = "", region = "", , ...rest] = arn.split(":");
  const [, kind, pattern] = /^([a-z-]+)\/([*/]+|app\/[*/]+)$/.exec(rest.join(":")) ?? [];
  if (!arn.startsWith("arn:") || kind === undefined || pattern === undefined) return undefined;
  return { kind: kind.replaceAll("-", " "), of: `every ${serviceName(service)} %${place(region)}` };
}

function resourceText(resource: string): string {
  if (resource === "*") return "anything";
  const made = /^\[arn of (.+)\](.*)$/.exec(resource);
  if (made !== null) return `${made[2] === "" ? "" : "all in "}${made[1]}`;
  const [, , service = "", region = "", , ...rest] = resource.split(":");
  const name = rest.join(":").replace(/\[(?:id|name) of ([^\]]+)\]/g, "$1");
  if (!resource.startsWith("arn:")) return resource;
  const [, kind, own = name] = /^([a-z-]+)[/:](.+)$/.exec(name) ?? [];
  const words = [serviceName(service), kind === undefined ? "" : (KINDS[kind] ?? kind), own].filter(
    (word) => word !== "",
  );
  return `${words.join(" ")}${region === "*" ? " in any region" : ""}`;
}

function place(region: string): string {
  if (region === "") return "";
  return region === "*" ? " in any region" : ` in ${region}`;
}
