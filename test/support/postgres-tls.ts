/** What cert-manager would give a PostgreSQL: an authority, and by it a certificate in files that the server accepts. */
import { chmodSync, chownSync, copyFileSync } from "node:fs";
import { join } from "node:path";
import { createAuthority, createFolder, createSigned, renewAuthority } from "../cluster/pki";

export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

export class PostgresTls {
  /**
   * @param authorities folder with the authorities and their keys; "ca" is the one of the server
   * @param mounted the server's folder, with `tls.crt`, `tls.key` and `ca.crt`
   */
  constructor(
    private readonly authorities: string,
    private readonly mounted: string,
    private readonly owner: Owner,
  ) {
    createFolder(authorities);
    createAuthority(authorities, "ca");
    this.issue();
  }

  /** Makes another key and certificate. The server shows it as soon as somebody has it read its files. */
  issue(): void {
    createSigned(this.authorities, "serving", "server", "ca");
    this.write("ca.crt", "ca.crt");
    this.write("serving.crt", "tls.crt");
    this.write("serving.key", "tls.key");
  }

  /** Gives the authority another certificate for its key, as cert-manager does a year before its end. */
  renewAuthority(): void {
    renewAuthority(this.authorities, "ca");
  }

  /** Certificate of an authority that has nothing to do with the server's. */
  stranger(): string {
    createAuthority(this.authorities, "stranger");
    this.write("stranger.crt", "stranger.crt");
    return join(this.mounted, "stranger.crt");
  }

  private write(from: string, to: string): void {
    const file = join(this.mounted, to);
    copyFileSync(join(this.authorities, from), file);
    chmodSync(file, 0o600);
    const { uid, gid } = this.owner;
    if (uid !== undefined && gid !== undefined) chownSync(file, uid, gid);
  }
}
