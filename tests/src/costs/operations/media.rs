//! A picture, from the form that it is uploaded with to whoever looks at it.

use aws_lambda_events::s3::S3Event;
use costs::{Figures, Used};
use image::{Rgb, RgbImage};
use serde_json::json;

use super::{ROOM_SIZE, a_send, people};
use crate::costs::counter::Counter;
use crate::costs::outside::TAG;

pub(super) async fn media(counter: &Counter, figures: &mut Figures) {
    let everybody = people(counter, 301, ROOM_SIZE, 0).await;
    let (ana, ben) = (&everybody[0], &everybody[1]);
    let room = counter.group(ana, &everybody[1..]).await;
    // The first message of a room is also its first mark of reading.
    a_send(counter, ana, room, 1).await;
    let mut found = |name: &str, used| figures.insert(name.to_owned(), used);

    let chat::App { store, bucket, settings, .. } = &counter.app;
    let router = media::router(media::App::new(store.clone(), bucket.clone(), settings.limits));
    let picture = picture();
    let declared = json!({
        "filename": "lunch.png", "content_type": "image/png", "size_bytes": picture.len(),
    });
    let (asked, answer) = counter.answer(&router, ana, "POST", "/v1/media", Some(&declared)).await;
    let id = answer["id"].as_str().expect("media have an id");
    // What the client sends to S3, it sends at our expense.
    found("upload a picture", Used { s3_puts: 1, ..asked });

    let size = picture.len();
    let object = json!({ "key": format!("m/{id}"), "size": size, "eTag": TAG });
    let record = json!({
        "eventTime": "2026-01-31T09:30:00.000Z", "userIdentity": {}, "requestParameters": {},
        "responseElements": {}, "s3": { "bucket": {}, "object": object },
    });
    let event: S3Event =
        serde_json::from_value(json!({ "Records": [record] })).expect("an event of S3");
    let looked = counter.uploaded(picture, event).await;
    found("look at an upload, and draw it anew", Used { pictures: 1, ..looked });

    let data =
        json!({ "room_id": room.to_string(), "client_id": "c-2", "media": [{ "media_id": id }] });
    found("send a picture, to 10 members", counter.frame(ana, "message.send", data).await);
    let path = format!("/v1/media/{id}");
    let opened = counter.request(&router, ben, "GET", &path, None).await;
    found("open a picture", Used { s3_gets: 1, ..opened });
}

/// Larger than the larger of the smaller ones that are made of it.
fn picture() -> Vec<u8> {
    let pixels =
        RgbImage::from_fn(1_600, 1_200, |x, y| Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 90]));
    let mut png = std::io::Cursor::new(Vec::new());
    pixels.write_to(&mut png, image::ImageFormat::Png).expect("a picture");
    png.into_inner()
}
