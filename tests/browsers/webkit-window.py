#!/usr/bin/python3
"""A window around WebKitGTK for WebDriver, whose profile stays on disk (MiniBrowser keeps nothing).

`webkit-window.py FOLDER`: the profile is FOLDER/profile, downloads go to FOLDER/downloads.
"""
import sys
from pathlib import Path

import gi

gi.require_version('Gtk', '3.0')
gi.require_version('WebKit2', '4.1')
from gi.repository import Gtk, WebKit2  # noqa: E402

folder = Path(sys.argv[1])
manager = WebKit2.WebsiteDataManager(
    base_data_directory=str(folder / 'profile'), base_cache_directory=str(folder / 'cache')
)
context = WebKit2.WebContext.new_with_website_data_manager(manager)
context.set_automation_allowed(True)


def make_view(_session):
    view = WebKit2.WebView(
        web_context=context,
        is_controlled_by_automation=True,
        website_policies=WebKit2.WebsitePolicies(autoplay=WebKit2.AutoplayPolicy.ALLOW),
    )
    view.get_settings().set_media_playback_requires_user_gesture(False)
    window = Gtk.Window(default_width=1280, default_height=1000)
    window.add(view)
    window.show_all()
    view.connect('close', lambda _view: window.destroy())
    return view


def on_automation(_context, session):
    info = WebKit2.ApplicationInfo()
    info.set_name('WebKitGTK')
    info.set_version(WebKit2.get_major_version(), WebKit2.get_minor_version(), 0)
    session.set_application_info(info)
    for detail in ('tab', 'window'):
        session.connect(f'create-web-view::{detail}', make_view)


def on_download(_context, download):
    def decide(download, name):
        download.set_destination((folder / 'downloads' / name).as_uri())
        return True

    download.connect('decide-destination', decide)


context.connect('automation-started', on_automation)
context.connect('download-started', on_download)
Gtk.main()
