"""Known junk that systems and programs leave in folders: thumbnails, indexes, trash."""

from __future__ import annotations

from pathlib import PurePath

_NAMES = frozenset(
    name.casefold()
    for name in (
        # macOS
        *(".DS_Store", "__MACOSX", ".AppleDouble", ".AppleDB", ".AppleDesktop", ".LSOverride"),
        *(".Spotlight-V100", ".Trashes", ".fseventsd", ".TemporaryItems", "Temporary Items"),
        *(".DocumentRevisions-V100", ".VolumeIcon.icns", ".localized", "Network Trash Folder"),
        *(".com.apple.timemachine.donotpresent", ".apdisk", ".metadata_never_index", "Icon\r"),
        # Windows
        *("Thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "$RECYCLE.BIN"),
        *("RECYCLER", "RECYCLED", "System Volume Information", "Thumbs.db:encryptable"),
        # storage boxes
        *("@eaDir", "#recycle", "#snapshot", "@tmp", "@Recycle", "@Recently-Snapshot"),
        *(".@__thumb", "@SynoResource", "@SynoEAStream", ".@__qini", "@__thumb", ".snapshot"),
        *(".snapshots", ".zfs"),
        # Linux desktops and file systems
        *("lost+found", ".directory", ".thumbnails", ".thumb", ".thumbs", ".Trash", ".xvpics"),
        # programs
        *(".git", ".svn", ".hg", ".gitignore", ".gitattributes", ".gitkeep", ".keep", ".dvc"),
        *(".ipynb_checkpoints", "__pycache__", ".idea", ".vscode", ".cache", ".gitmodules"),
        *(".dropbox", ".dropbox.cache", ".dropbox.attr", ".stfolder", ".stversions", ".stignore"),
        *("Picasa.ini", ".picasa.ini", ".picasaoriginals", "ZbThumbnail.info", ".dvcignore"),
        *(".BridgeSort", ".BridgeLabelsAndRatings", ".BridgeCache", ".BridgeCacheT"),
        *(".owncloudsync.log", ".sync", ".nomedia", "Thumbs.db:Zone.Identifier"),
    )
)
_BEGINNINGS = (
    "._",
    ".trash-",
    ".nfs",
    ".fuse_hidden",
    ".~lock.",
    "~$",
    ".syncthing.",
    "~syncthing~",
)
_ENDINGS = ("~", ".swp", ":zone.identifier", ".aae", ".xmp", ".lrcat", ".lrdata")


def is_junk(path: str | PurePath) -> bool:
    """Whether a file, or a folder it lies in, is known junk. Give the path relative to the scanned
    folder: what lies above it is the user's choice. Case does not matter.

    >>> [is_junk(p) for p in ("mug/@eaDir/0.png/THUMB_M.png", "mug/.DS_Store", "mug/0.png")]
    [True, True, False]
    """
    return any(_is_junk(part.casefold()) for part in PurePath(path).parts)


def _is_junk(name: str) -> bool:
    return name in _NAMES or name.startswith(_BEGINNINGS) or name.endswith(_ENDINGS)
