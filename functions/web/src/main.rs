//! Serves the browser client as a Lambda function.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), rest::Error> {
    rest::run(web::router()).await
}
