//! The table of files. One that is missing here is missing in the browser; a test compares.

use std::sync::LazyLock;

use ring::digest::{SHA256, digest};

/// A file of the client.
pub(crate) struct File {
    pub(crate) path: &'static str,
    pub(crate) bytes: &'static [u8],
    pub(crate) content_type: &'static str,
    /// From the content alone: every copy of the function must give the same.
    pub(crate) etag: String,
}

pub(crate) fn find(path: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.path == path)
}

macro_rules! files {
    ($($path:literal,)*) => {
        vec![$(File::new($path, include_bytes!(concat!("../client/", $path))),)*]
    };
}

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let mut files = files![
        "app.js",
        "banter.js",
        "banter/admin.js",
        "banter/api.js",
        "banter/clock.js",
        "banter/connection.js",
        "banter/emitter.js",
        "banter/engine.js",
        "banter/errors.js",
        "banter/link.js",
        "banter/media.js",
        "banter/model.js",
        "banter/outbox.js",
        "banter/page.js",
        "banter/peers.js",
        "banter/people.js",
        "banter/presence.js",
        "banter/quotes.js",
        "banter/reactions.js",
        "banter/reads.js",
        "banter/session.js",
        "banter/store.js",
        "banter/sync.js",
        "banter/timeline.js",
        "banter/types.js",
        "banter/view.js",
        "banter/windows.js",
        "chat.css",
        "dom.js",
        "features.js",
        "icon.svg",
        "index.html",
        "message.css",
        "pages.css",
        "style.css",
        "views/admin-dialogs.js",
        "views/admin.js",
        "views/attachments.js",
        "views/browse.js",
        "views/composer.js",
        "views/connection.js",
        "views/conversation.js",
        "views/details.js",
        "views/face.js",
        "views/feedback.js",
        "views/message-media.js",
        "views/message-menu.js",
        "views/message.js",
        "views/new-room.js",
        "views/people-picker.js",
        "views/picture-field.js",
        "views/profile.js",
        "views/reactions.js",
        "views/room-edit.js",
        "views/room-list.js",
        "views/scroller.js",
        "views/shell.js",
        "views/sign-in.js",
        "views/stranger.js",
        "words.js",
    ];
    // The contract, for whoever generates a client.
    files.extend([
        File::new("v1/asyncapi.json", include_bytes!("../../../shared/protocol/asyncapi.json")),
        File::new("v1/openapi.json", include_bytes!("../../../shared/protocol/openapi.json")),
    ]);
    files
});

impl File {
    fn new(path: &'static str, bytes: &'static [u8]) -> Self {
        let hash = digest(&SHA256, bytes);
        let tag: String = hash.as_ref()[..12].iter().map(|byte| format!("{byte:02x}")).collect();
        Self { path, bytes, content_type: content_type(path), etag: format!("\"{tag}\"") }
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
