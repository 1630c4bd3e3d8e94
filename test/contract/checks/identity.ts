import { Check, Manifest, nameOf, podTemplatesOf } from "./manifest";
import { isNamespaced } from "./schemas";

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** A Service's name becomes one label of a host name, and can't begin with a digit (RFC 1035). */
const SERVICE = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_KEY = /^((?=[^/]{1,253}\/)[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

/** Kinds whose names have less room: controllers append to them, and what comes out must fit into a label of 63. */
const ROOM: Record<string, number> = { CronJob: 52, StatefulSet: 52, Job: 63 };

/** Roles and their bindings may have any name that fits into a URL: `system:auth-delegator`. */
const FREELY_NAMED = ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"];

/** Each object has a namespace exactly if its kind lives in one. */
export const checkNamespaces: Check = (docs) =>
  docs.flatMap((doc) => {
    const namespaced = isNamespaced(doc);
    const given = doc.metadata.namespace !== undefined;
    if (namespaced === undefined || namespaced === given) return [];
    return [`${nameOf(doc)}: ${namespaced ? "has no namespace" : "has a namespace, and its kind lives in none"}`];
  });

/** Each object has a name that its kind may have, and labels and annotations that any may have. */
export const checkNames: Check = (docs) => [
  ...docs.filter((doc) => !isName(doc)).map((doc) => `${nameOf(doc)}: no ${doc.kind} may have this name`),
  ...docs.flatMap((doc) => metadataComplaints(doc, doc.metadata)),
  ...podTemplatesOf(docs).flatMap(({ owner, metadata }) => metadataComplaints(owner, metadata)),
];

/** No object is given twice, as whatever version of its kind: the last one would win. */
export const checkDuplicates: Check = (docs) => {
  const keys = docs.map((doc) => `${doc.apiVersion.split("/").slice(0, -1).join()} ${nameOf(doc)}`);
  return docs
    .filter((_doc, index) => keys.indexOf(keys[index]!) !== index)
    .map((doc) => `${nameOf(doc)}: is given twice`);
};

function isName({ kind, metadata: { name } }: Manifest): boolean {
  if (typeof name !== "string" || name.length > (ROOM[kind] ?? 253)) return false;
  if (FREELY_NAMED.includes(kind)) return name !== "" && !/[/%]/.test(name);
  if (kind === "Service") return SERVICE.test(name);
  return (kind === "Namespace" ? LABEL : SUBDOMAIN).test(name);
}

function metadataComplaints(doc: Manifest, { labels = {}, annotations = {} }: any): string[] {
  const keys = [...Object.keys(labels), ...Object.keys(annotations)].filter((key) => !LABEL_KEY.test(key));
  const values = Object.values<string>(labels).filter((value) => !LABEL_VALUE.test(value));
  return [
    ...keys.map((key) => `${nameOf(doc)}: ${key} is no key of a label or annotation`),
    ...values.map((value) => `${nameOf(doc)}: "${value}" is no value of a label`),
  ];
}
