"""A stand-in for the desktop's portal, on the session bus that it finds: what it says is typed to it.

A line ``area key b true`` or ``area key u 1`` makes the setting be so, and is told to whoever listens.
"""

from __future__ import annotations

import sys
import threading

from jeepney import DBusAddress, HeaderFields, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection

_PORTAL = DBusAddress("/org/freedesktop/portal/desktop", interface="org.freedesktop.portal.Settings")


def main() -> None:
    """Serve until the bus goes."""
    said: dict[tuple[str, str], tuple[str, bool | int]] = {}
    with open_dbus_connection(bus="SESSION") as bus:
        bus.send_and_get_reply(message_bus.RequestName("org.freedesktop.portal.Desktop"))
        sys.stdout.write("ready\n")
        sys.stdout.flush()

        def hear() -> None:
            for line in sys.stdin:
                area, key, kind, text = line.split()
                value = text == "true" if kind == "b" else int(text)
                said[area, key] = (kind, value)
                signal = new_signal(_PORTAL, "SettingChanged", "ssv", (area, key, (kind, value)))
                bus.send(signal)

        threading.Thread(target=hear, daemon=True).start()
        while True:
            asked = bus.receive()
            if asked.header.message_type is not MessageType.method_call:
                continue
            found = said.get(asked.body) if asked.header.fields.get(HeaderFields.member) == "Read" else None
            if found is None:
                bus.send(new_error(asked, "org.freedesktop.portal.Error.NotFound"))
            else:
                bus.send(new_method_return(asked, "v", (("v", found),)))


if __name__ == "__main__":
    main()
