/** The hospital's own HTTP proxy, where its network demands one: a tunnel by CONNECT, through which TLS passes unopened. */

import { request } from "node:http";
import type { Socket } from "node:net";
import { DureError, text } from "@dure/kernel";

/** How long the proxy may take to open the tunnel. */
const TUNNEL_MS = 15_000;

/** HTTPS_PROXY as the environment has it; undefined where there is none. */
export function proxyUrl(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const url = environment["HTTPS_PROXY"] ?? environment["https_proxy"] ?? "";
  return url === "" ? undefined : url;
}

/** @throws DureError `transport/proxy-refused` with the proxy's own status, or where it does not answer */
export function openTunnel(proxy: string, host: string, port: number): Promise<Socket> {
  const { hostname, port: proxyPort, username, password } = new URL(proxy);
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
  return new Promise((resolve, reject) => {
    const call = request({
      host: hostname,
      port: proxyPort === "" ? 80 : Number(proxyPort),
      method: "CONNECT",
      path: `${host}:${port}`,
      headers: { host: `${host}:${port}`, ...(username === "" ? {} : { "proxy-authorization": `Basic ${credentials}` }) },
      timeout: TUNNEL_MS,
    });
    call.once("connect", (response, socket) => {
      if (response.statusCode === 200) resolve(socket);
      else reject(refused(String(response.statusCode)));
      if (response.statusCode !== 200) socket.destroy();
    });
    call.once("timeout", () => call.destroy(new Error("timeout")));
    call.once("error", (cause) => reject(refused("no answer", cause)));
    call.end();
  });
}

function refused(status: string, cause?: unknown): DureError {
  const problem = {
    code: "transport/proxy-refused",
    severity: "error" as const,
    place: {},
    what: text(
      `The proxy of HTTPS_PROXY did not open a way to the coordinator (${status}).`,
      `HTTPS_PROXY 프록시가 코디네이터로 가는 연결을 열지 않았습니다(${status}).`,
    ),
    remedy: text(
      "Ask the network's operator to allow CONNECT to this address and port.",
      "네트워크 담당자에게 이 주소와 포트로의 CONNECT 허용을 요청해 주십시오.",
    ),
  };
  return new DureError(problem, { cause, retry: "transient" });
}
