/** The MySQL that clones share and the jobs table is in, which a stack in AWS has from RDS. */
import type { ClonesSettings } from "../../../constructs/settings";
import { restrictedContainer, restrictedPod } from "../../../constructs/shared/security";
import { IMAGES } from "../../../constructs/versions";
import type { KubeObject } from "../../cluster";

const ADMINISTRATOR = "administrator";
const STATEMENTS = "administrator.sql";

/** The user of the official image. */
const USER = 999;

/** How the database is asked for: `<name>.<namespace>.svc.cluster.local`. */
export function placeOf({ sharedDatabase: { host } }: Pick<ClonesSettings, "sharedDatabase">) {
  const [name = "", namespace = ""] = host.split(".");
  return { name, namespace };
}

/** Namespace, Service and StatefulSet. Its pod starts once {@link administratorSecret} is there. */
export function sharedDatabase(
  settings: Pick<ClonesSettings, "sharedDatabase">,
  storageClassName: string,
): KubeObject[] {
  const { name, namespace } = placeOf(settings);
  const { port } = settings.sharedDatabase;
  const labels = { "app.kubernetes.io/name": name };
  const metadata = { name, namespace, labels };
  return [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ name: "mysql", port, targetPort: "mysql" }] },
    },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata,
      spec: {
        serviceName: name,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: podSpec() },
        volumeClaimTemplates: [
          {
            metadata: { name: "data" },
            spec: {
              storageClassName,
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "2Gi" } },
            },
          },
        ],
      },
    },
  ];
}

/**
 * Who may make schemas and users of clones, with the rights of docs/runbook.md: statements that the server runs at each start.
 *
 * @param contract the Secret that tells the program's pods who that is; its data as the server keeps it
 */
export function administratorSecret(
  settings: Pick<ClonesSettings, "sharedDatabase">,
  contract: Readonly<Record<string, string>>,
): KubeObject {
  const { namespace } = placeOf(settings);
  const decoded = (key: string) => Buffer.from(String(contract[key]), "base64").toString();
  const account = `'${decoded("user")}'@'%'`;
  // Letters, digits and an underscore alone: nothing has to be quoted.
  const identified = `IDENTIFIED BY '${decoded("password")}';`;
  const statements = [
    `CREATE USER IF NOT EXISTS ${account} ${identified}`,
    `ALTER USER ${account} ${identified}`,
    `GRANT ALL PRIVILEGES ON \`clone\\_%\`.* TO ${account} WITH GRANT OPTION;`,
    `GRANT CREATE USER ON *.* TO ${account};`,
    "",
  ].join("\n");
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: ADMINISTRATOR, namespace },
    type: "Opaque",
    data: { [STATEMENTS]: Buffer.from(statements).toString("base64"), root: contract.password },
  };
}

function podSpec(): object {
  const mounts = [
    { name: "data", mountPath: "/var/lib/mysql" },
    { name: "run", mountPath: "/var/run/mysqld" },
    { name: "tmp", mountPath: "/tmp" },
    { name: "administrator", mountPath: "/etc/mysql-administrator", readOnly: true },
  ];
  return {
    automountServiceAccountToken: false,
    securityContext: restrictedPod({ user: USER, group: USER }),
    containers: [
      {
        name: "mysql",
        image: IMAGES.mysql,
        args: [`--init-file=/etc/mysql-administrator/${STATEMENTS}`],
        env: [{ name: "MYSQL_ROOT_PASSWORD", valueFrom: { secretKeyRef: { name: ADMINISTRATOR, key: "root" } } }],
        ports: [{ name: "mysql", containerPort: 3306 }],
        resources: { requests: { cpu: "50m", memory: "512Mi" }, limits: { memory: "1Gi" } },
        readinessProbe: { tcpSocket: { port: "mysql" }, periodSeconds: 2 },
        securityContext: restrictedContainer(),
        volumeMounts: mounts,
      },
    ],
    volumes: [
      { name: "run", emptyDir: {} },
      { name: "tmp", emptyDir: {} },
      { name: "administrator", secret: { secretName: ADMINISTRATOR, items: [{ key: STATEMENTS, path: STATEMENTS }] } },
    ],
  };
}
