/** Under which names clones are reached. */
import type { Routing } from "./clone";

/** As Kubernetes asks of a label of a host name; shorter, because names are made of it. RE2 reads it as well. */
export const CUSTOMER_ID = /^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$/;

/** Customer ids whose hosts below the domain are the service's own. */
export const RESERVED_CUSTOMERS: readonly string[] = ["api"];

/** Whether it can be the first part of a host, and the value of a label. */
export function isCustomerId(text: string): boolean {
  return CUSTOMER_ID.test(text);
}

/** `acme.clones.betaweb.ai`. */
export function cloneHost(customerId: string, domain: string): string {
  return `${customerId}.${domain}`;
}

export interface UrlParts {
  readonly routing: Routing;
  readonly customerId: string;
  readonly cloneName: string;
  /** Domain below which customers have their hosts, or host of the shared load balancer. */
  readonly domain: string;
}

/** Where a clone will answer; its status says where it does. */
export function cloneUrl({ routing, customerId, cloneName, domain }: UrlParts): string {
  return routing === "host" ? `https://${cloneHost(customerId, domain)}` : `http://${domain}/${cloneName}/`;
}

/** The object that holds a customer's host: whoever creates it has the host. */
export function hostClaimName(customerId: string): string {
  return `host-${customerId}`;
}
