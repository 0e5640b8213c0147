"""Settings (配置): ``desk`` for one's own machine, ``production`` for a server, ``testing`` for tests."""
