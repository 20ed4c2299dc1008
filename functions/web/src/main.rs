//! Serves the browser client as a Lambda function. `MEDIA_ORIGIN` is where files are.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), rest::Error> {
    let media = environment::optional("MEDIA_ORIGIN").unwrap_or_default();
    rest::run(web::router(&media)?).await
}
