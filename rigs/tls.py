"""How the service is reached: by TLS with a certificate given or made, or by plain HTTP on this machine only."""

import ipaddress
import os
import shutil
import socket
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from controller.errors import ConfigurationError

DAYS = 3650  # that a certificate of our own counts


@dataclass(frozen=True)
class Tls:
    """What the installer wants: files, `own` for one that we make, `plain` for none although others can listen."""

    certificate: str = ""
    key: str = ""
    own: bool = False
    plain: bool = False

    def pair(self, listen: str, beside: str) -> dict[str, str]:
        """uvicorn's arguments, none for plain HTTP. `beside`: where one of our own is kept. ConfigurationError."""
        host = listen.rpartition(":")[0].strip("[]")
        if bool(self.certificate) != bool(self.key):
            raise ConfigurationError("certificate and key, both or none", key="certificate")
        if self.own:
            certificate, key = own(Path(beside), host)
        elif self.certificate:
            certificate, key = self.certificate, self.key
        elif self.plain or _here(host):
            return {}
        else:
            raise ConfigurationError(
                f"{host} can be reached by others: --certificate and --key, --own-certificate or --plain-http",
                key="listen",
            )
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(f"no certificate with its key: {error}", file=certificate) from error
        return {"ssl_certfile": certificate, "ssl_keyfile": key}


def _here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def own(beside: Path, host: str) -> tuple[str, str]:
    """A certificate that we have signed ourselves, made once with the program openssl."""
    certificate, key = (beside.with_suffix(end) for end in (".certificate.pem", ".key.pem"))
    if certificate.exists() and key.exists():
        return str(certificate), str(key)
    program = shutil.which("openssl")
    if program is None:
        raise ConfigurationError("the program openssl makes it, and is missing", key="own-certificate")
    name = socket.gethostname()
    names = [f"DNS:{name}", "DNS:localhost", *([f"IP:{host}"] if _address(host) else [])]
    before = os.umask(0o077)
    try:
        subprocess.run(
            [program, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", str(DAYS), "-subj", f"/CN={name}", "-addext", f"subjectAltName={','.join(names)}",
             "-keyout", str(key), "-out", str(certificate)],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        raise ConfigurationError(f"openssl: {error.stderr.strip()[-200:]}", key="own-certificate") from error
    finally:
        os.umask(before)
    return str(certificate), str(key)


def _address(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False
