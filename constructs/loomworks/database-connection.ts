/** How a pod reaches PostgreSQL over the network: where, as whom, and whose certificate it believes. */
import type { k8s } from "cdk8s-plus-28";
import type { SecretContract } from "../contract";
import { requirements, secretVariable } from "../shared/containers";
import { restrictedContainer } from "../shared/security";
import { HELPERS } from "../settings/footprint";
import { POSTGRES } from "./postgres";
import { CERTIFICATE, SCRIPTS_FOLDER } from "./postgres-config";

const AUTHORITY_VOLUME = "postgres-authority";
const AUTHORITY_FOLDER = "/etc/postgres-authority";

/** Script of {@link awaitDatabase}; the ConfigMap with the pod's scripts has to hold it. */
export const AWAIT_DATABASE = "await-database.sh";

/** As libpq reads it from the environment. "verify-full": TLS, by a certificate of the namespace's authority, for this very host. */
export const CONNECTION = {
  PGHOST: `${POSTGRES.name}-0.${POSTGRES.name}`,
  PGPORT: String(POSTGRES.port),
  PGSSLMODE: "verify-full",
  PGSSLROOTCERT: `${AUTHORITY_FOLDER}/ca.crt`,
} as const;

/** {@link CONNECTION} as variables, with the credentials of a Secret. */
export function connectionAs(secret: SecretContract): k8s.EnvVar[] {
  return [...Object.entries(CONNECTION).map(([name, value]) => ({ name, value })), ...credentialsOf(secret)];
}

/** User and password alone, for a pod that has the rest from its ConfigMap. */
export function credentialsOf({ name }: SecretContract): k8s.EnvVar[] {
  return [secretVariable("PGUSER", name, "username"), secretVariable("PGPASSWORD", name, "password")];
}

/** For each container that connects. Not by subPath: a renewed certificate has to arrive while the pod runs. */
export const AUTHORITY_MOUNT: k8s.VolumeMount = {
  name: AUTHORITY_VOLUME,
  mountPath: AUTHORITY_FOLDER,
  readOnly: true,
};

/** The authority's certificate. The server's key is in the same Secret, and stays out of the pod. */
export function authorityVolume(): k8s.Volume {
  const items = [{ key: "ca.crt", path: "ca.crt" }];
  return { name: AUTHORITY_VOLUME, secret: { secretName: CERTIFICATE.secret, items } };
}

/**
 * Init container that holds its pod back until PostgreSQL takes the pod's credentials: a rotated Secret is there up to a
 * minute before the server knows of it, and whatever starts in between must neither fail nor replace what works.
 *
 * The pod has its scripts in a volume named `scripts`.
 */
export function awaitDatabase(image: string, secret: SecretContract): k8s.Container {
  return {
    name: "await-database",
    image,
    command: [`${SCRIPTS_FOLDER}/${AWAIT_DATABASE}`],
    env: connectionAs(secret),
    resources: requirements(HELPERS.sidecar),
    securityContext: restrictedContainer(),
    volumeMounts: [{ name: "scripts", mountPath: SCRIPTS_FOLDER, readOnly: true }, AUTHORITY_MOUNT],
  };
}
