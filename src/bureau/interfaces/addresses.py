"""
Where messages may go (推送地址): to the internet, and to those networks of one's own that the operator allows.

An address is looked at as the machine would reach it: IPv4 within IPv6 (mapped, 6to4, NAT64, Teredo) counts as that IPv4.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from bureau.refusal import Refusal

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
WRONG = "地址不可用；应为 https://… 或 http://…，不含用户名，端口 1～65535。"


def parts_of(address: str) -> SplitResult:
    """
    Return the parts of an address that can be told (地址拆分).

    Raises
    ------
    Refusal
        If it is no address of the web, or its port is none.
    """
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise Refusal("wrong-address", WRONG) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None or port == 0:
        raise Refusal("wrong-address", WRONG)
    return parts


def refuse_address(address: str) -> None:
    """
    Refuse an address that must not be told (地址检查): this machine, networks that are not allowed, no address at all.

    Names are looked at when they are told, for they may lead elsewhere by then.

    Raises
    ------
    Refusal
    """
    host = str(parts_of(address).hostname).rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        raise Refusal("wrong-address", "不能推送到服务器自身（localhost）；请填写接收方的地址。")
    ip = _number(host)
    if ip is not None:
        refuse_ip(ip)


def _number(host: str) -> Ip | None:
    """Return the number that a host is, also in the short and hexadecimal forms that systems read; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, ValueError):
        return None


def within(ip: Ip) -> Ip:
    """
    Return the IPv4 address that an IPv6 address leads to, or the address itself (内含地址).

    Examples
    --------
    >>> within(ipaddress.ip_address("::ffff:127.0.0.1")), within(ipaddress.ip_address("64:ff9b::a00:1"))
    (IPv4Address('127.0.0.1'), IPv4Address('10.0.0.1'))
    """
    if not isinstance(ip, ipaddress.IPv6Address):
        return ip
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    teredo = ip.teredo[1] if ip.teredo else None
    return ip.ipv4_mapped or ip.sixtofour or teredo or ip


def refuse_ip(ip: Ip) -> None:
    """
    Refuse a number that must not be reached (地址检查).

    Raises
    ------
    Refusal
        If it is this machine, a link-local or special address, or within a network of one's own that is not allowed.
    """
    real = within(ip)
    special = real.is_loopback or real.is_link_local or real.is_unspecified or real.is_multicast or real.is_reserved
    if special or _is_ours(real):
        raise Refusal("wrong-address", f"不能推送到 {ip}：这是服务器自身、链路本地或特殊用途的地址。")
    allowed = [ipaddress.ip_network(word, strict=False) for word in settings.WEBHOOK_NETWORKS]
    if not real.is_global and not any(real in network for network in allowed):
        raise Refusal(
            "network-not-allowed",
            f"不能推送到 {ip}：这是内网地址，不在允许推送的网段内；请运维人员在 BUREAU_WEBHOOK_NETWORKS 中写入该网段。",
        )


def _is_ours(ip: Ip) -> bool:
    """Return whether this machine itself has an address: only then can it be bound."""
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as own:
            own.bind((str(ip), 0))
    except OSError:
        return False
    return True


def reached(host: str, port: int) -> str:
    """
    Return the number that a name leads to, and that may be reached (解析).

    Raises
    ------
    OSError
        If it leads nowhere.
    Refusal
        If it leads to where messages must not go.
    """
    found = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    refuse_ip(ipaddress.ip_address(found))
    return found
