"""TLS as strangers judge it, and certificates that change while people are in class."""

import datetime
import ipaddress
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import server as program
from server import Program, Server, wait_until

TESTSSL = shutil.which("testssl") or shutil.which("testssl.sh")


class Authority:
    """A certificate authority of a house, and what it signs; files lie in one folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.sign("课堂根证书", self.key.public_key(), None)
        (folder / "ca.pem").write_bytes(self.pem(self.certificate))

    @staticmethod
    def pem(certificate) -> bytes:
        return certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, name: str, public_key, issuer, days: tuple = (-1, 90)):
        now = datetime.datetime.now(datetime.timezone.utc)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        made = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject)
                .public_key(public_key).serial_number(x509.random_serial_number())
                .not_valid_before(now + datetime.timedelta(days=days[0]))
                .not_valid_after(now + datetime.timedelta(days=days[1])))
        if issuer is None:
            made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        else:
            made = made.add_extension(x509.SubjectAlternativeName([
                x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
            made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        return made.sign(self.key, hashes.SHA256())

    def issue(self, name: str, days: tuple = (-1, 90), passphrase: bytes | None = None) -> tuple[Path, Path]:
        """Certificate with the chain, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = self.sign("localhost", key.public_key(), self.certificate, days)
        certificate_path, key_path = self.folder / f"{name}.pem", self.folder / f"{name}-key.pem"
        certificate_path.write_bytes(self.pem(made) + self.pem(self.certificate))
        locked = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
        key_path.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked))
        return certificate_path, key_path


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def housed(tmp_path, authority):
    """A server with a certificate of the house, whose files are replaced by the test."""
    certificate, key = authority.issue("first")
    for source, name in ((certificate, "certificate.pem"), (key, "key.pem")):
        shutil.copy(source, tmp_path / name)
    running = Server(tmp_path / "data", "--tls-cert", tmp_path / "certificate.pem", "--tls-key", tmp_path / "key.pem",
                     "--log-format", "json")
    running.place = tmp_path
    yield running
    running.stop()


def shown(server: Server, session=None, version=None) -> tuple[bytes, ssl.SSLSocket]:
    """The certificate that a new connection is shown, and the connection."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if version:
        context.minimum_version = context.maximum_version = version
    line = context.wrap_socket(socket.create_connection(("127.0.0.1", server.port)), server_hostname="localhost")
    return line.getpeercert(binary_form=True), line


def lay(server: Server, *pair: Path):
    for source, name in zip(pair, ("certificate.pem", "key.pem")):
        shutil.copy(source, server.place / "new")
        os.replace(server.place / "new", server.place / name)


def log(server: Server) -> str:
    return server.program.err.decode(errors="replace")


def test_a_new_certificate_is_served_and_nobody_falls_out(housed, authority):
    made = housed.create_class("换证书的一课", lecturerName="张华")
    first, kept = shown(housed)
    guest = Program("join", made["links"]["lecturer"], "--insecure", "--silent", "--plain", stdin=-1)
    wait_until(lambda: guest.out, "somebody is in class")
    lay(housed, *authority.issue("second"))
    housed.program.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "certificate read again" in log(housed), "the certificate is read")
    second = wait_until(lambda: (now := shown(housed)[0]) != first and now, "new connections see the new certificate")
    context = ssl.create_default_context(cafile=str(authority.folder / "ca.pem"))
    with context.wrap_socket(socket.create_connection(("127.0.0.1", housed.port)), server_hostname="localhost") as line:
        assert line.getpeercert(binary_form=True) == second, "the chain is trusted"
    kept.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
    assert kept.recv(100).startswith(b"HTTP/1.1 200"), "who was here is served on"
    guest.write("证书换了，我还在\n")
    events = lambda: [event["type"] for event in housed.events(made["class"]["id"])]
    wait_until(lambda: "chatPosted" in events(), "who is in class talks on")
    assert "interrupted" not in events()
    guest.stop()


@pytest.mark.parametrize("fault", ["mismatch", "garbage", "missing", "passphrase"])
def test_a_bad_new_pair_leaves_the_old_one_serving(housed, authority, fault):
    first, _ = shown(housed)
    certificate, key = authority.issue("other")
    if fault == "mismatch":
        lay(housed, certificate)
    elif fault == "garbage":
        (housed.place / "certificate.pem").write_text("no certificate")
    elif fault == "missing":
        (housed.place / "key.pem").unlink()
    else:
        lay(housed, *authority.issue("locked", passphrase=b"secret"))
    housed.program.process.send_signal(signal.SIGHUP)
    wait_until(lambda: "the old certificate goes on" in log(housed), "the log says so")
    assert shown(housed)[0] == first
    lay(housed, certificate, key)
    housed.program.process.send_signal(signal.SIGHUP)
    wait_until(lambda: shown(housed)[0] != first, "a good pair is taken after all")


@pytest.mark.parametrize("fault, words", [
    ("mismatch", "不是一对"), ("passphrase", "不带口令"), ("missing", "不能用"), ("garbage", "不能用")])
def test_what_is_wrong_at_the_start_is_said_in_one_sentence(tmp_path, authority, fault, words):
    certificate, key = authority.issue("start")
    if fault == "mismatch":
        certificate, _ = authority.issue("another")
    elif fault == "passphrase":
        certificate, key = authority.issue("start-locked", passphrase=b"secret")
    elif fault == "missing":
        key = tmp_path / "nowhere.pem"
    else:
        certificate = tmp_path / "garbage.pem"
        certificate.write_text("no certificate")
    with pytest.raises(program.Failed) as failed:
        program.run("serve", "--data", tmp_path / "data", "--port", "0", "--tls-cert", certificate, "--tls-key", key,
                    "--lang", "zh")
    lines = [line for line in failed.value.stderr.splitlines() if line.strip()]
    assert failed.value.code == 1 and len(lines) == 1 and words in lines[0], failed.value.stderr


@pytest.mark.parametrize("days, said", [((-90, -3), "ended 3 days ago"), ((-90, 5), "ends in"), ((2, 90), "begins in")])
def test_dates_that_clients_will_refuse_are_told_at_the_start(tmp_path, authority, days, said):
    certificate, key = authority.issue("dated", days)
    server = Server(tmp_path / "data", "--tls-cert", certificate, "--tls-key", key)
    try:
        wait_until(lambda: said in log(server), "the log says so")
        assert server.get("/healthz")[0] == 200
    finally:
        server.stop()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_session_is_resumed(server, version):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = version

    def ask(session=None):
        with context.wrap_socket(socket.create_connection(("127.0.0.1", server.port)), server_hostname="localhost",
                                 session=session) as line:
            line.sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert line.recv(1_000)
            return line.session_reused, line.session
    is_resumed, session = ask()
    assert not is_resumed
    assert ask(session)[0]
    assert session.ticket_lifetime_hint <= 86_400


def test_the_client_of_the_terminal_checks_whom_it_talks_to(housed, authority, tmp_path):
    key = housed.data / "keys/administrator.key"
    ask = ["class", "list", "--key-file", key, "--data", tmp_path / "nothing"]
    address = housed.url.replace("127.0.0.1", "localhost")
    env = {"SSL_CERT_FILE": str(authority.folder / "ca.pem"), "SSL_CERT_DIR": str(tmp_path)}
    program.run(*ask, "--server", address, expect=2)
    program.run(*ask, "--server", address, env=env)
    program.run(*ask, "--server", address, "--insecure")
    fingerprint = subprocess.run(
        ["openssl", "x509", "-in", housed.place / "certificate.pem", "-noout", "-fingerprint", "-sha256"],
        check=True, stdout=subprocess.PIPE).stdout.decode().split("=")[1].strip()
    program.run(*ask, "--server", address, "--pin", fingerprint)
    program.run(*ask, "--server", address, "--pin", "00" * 32, expect=2)
    # The name is checked, not only the chain.
    program.run(*ask, "--server", address.replace("localhost", "127.0.0.2"), env=env, expect=2)


def test_sslyze_finds_nothing(server, output, tmp_path):
    report = tmp_path / "sslyze.json"
    checks = ("sslv2 sslv3 tlsv1 tlsv1_1 tlsv1_2 tlsv1_3 compression early_data openssl_ccs fallback heartbleed robot reneg "
              "resum elliptic_curves ems").split()
    subprocess.run([sys.executable, "-m", "sslyze", "--json_out", report, "--mozilla_config", "disable",
                    *(f"--{check}" for check in checks), f"127.0.0.1:{server.port}"], check=False, timeout=240, stdin=subprocess.DEVNULL,
                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    found = json.loads(report.read_text())["server_scan_results"][0]
    (output / "sslyze.json").write_text(json.dumps(found, indent=1))
    result = {name: part["result"] for name, part in found["scan_result"].items() if part and part.get("result")}
    for old in ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1"):
        assert not result[f"{old}_cipher_suites"]["accepted_cipher_suites"], old
    for version in ("tls_1_2", "tls_1_3"):
        suites = [suite["cipher_suite"]["name"] for suite in result[f"{version}_cipher_suites"]["accepted_cipher_suites"]]
        assert suites and all("GCM" in name or "CHACHA20" in name for name in suites), suites
        assert all("ECDHE" in name or version == "tls_1_3" for name in suites), suites
    assert not result["tls_compression"]["supports_compression"]
    assert not result["heartbleed"]["is_vulnerable_to_heartbleed"]
    assert not result["openssl_ccs_injection"]["is_vulnerable_to_ccs_injection"]
    assert not result["session_renegotiation"]["is_vulnerable_to_client_renegotiation_dos"]
    assert result["session_renegotiation"]["supports_secure_renegotiation"]
    assert "NOT_VULNERABLE" in result["robot"]["robot_result"]
    assert not result["tls_1_3_early_data"]["supports_early_data"]
    assert result["session_resumption"]["tls_ticket_resumption_result"] == "FULLY_SUPPORTED"
    assert result["tls_fallback_scsv"]["supports_fallback_scsv"]
    curves = {curve["name"] for curve in result["elliptic_curves"]["supported_curves"]}
    assert curves == {"X25519", "secp256r1", "secp384r1"}, curves


# What it says of a certificate that nobody signed but itself; a real one has none of these.
OF_SELF_SIGNED = {"cert_chain_of_trust", "cert_revocation"}


@pytest.mark.skipif(TESTSSL is None, reason="testssl.sh is not installed (Debian testssl.sh)")
def test_testssl_finds_nothing(server, output, tmp_path):
    report = tmp_path / "testssl.json"
    subprocess.run([TESTSSL, "--quiet", "--color", "0", "--warnings", "off", "--ip", "127.0.0.1", "--nodns", "none", "--fast",
                    "--protocols", "--server-defaults", "--server-preference", "--fs", "--vulnerable", "--jsonfile", report,
                    f"localhost:{server.port}"], check=False, timeout=600, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                   stderr=subprocess.STDOUT, env={**os.environ, "TERM": "dumb"})
    findings = json.loads(report.read_text())
    (output / "testssl.json").write_text(json.dumps(findings, indent=1))
    assert len(findings) > 40, findings
    bad = [finding for finding in findings if finding["severity"] in ("LOW", "MEDIUM", "HIGH", "CRITICAL", "FATAL")
           and finding["id"].split(" ")[0] not in OF_SELF_SIGNED]
    assert bad == [], bad
