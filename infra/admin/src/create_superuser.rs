//! Making a staff user, or staff of a user.

use anyhow::bail;
use auth::NewUser;
use storage::Store;

use crate::cli::CreateSuperuser;
use crate::{now, terminal};

pub(crate) async fn create_superuser(
    store: &Store,
    wanted: &CreateSuperuser,
) -> anyhow::Result<()> {
    let ask = |given: &Option<String>, what: &str| match given {
        Some(given) => Ok(given.clone()),
        None if wanted.no_input => bail!("--no-input needs --{what}"),
        None => terminal::ask(what),
    };
    let username = ask(&wanted.username, "username")?;
    if let Some(credentials) = store.credentials(&username).await? {
        if !wanted.promote {
            bail!("the username `{username}` is taken; --promote makes that user staff");
        }
        store.set_staff(credentials.user_id, true).await?;
        println!("{username} is staff now, from the next sign-in or refresh on");
        return Ok(());
    }
    if wanted.promote {
        bail!("there is no user `{username}` to promote");
    }
    let name = ask(&wanted.name, "name")?;
    let password = match environment::optional("BANTER_ADMIN_PASSWORD") {
        Some(password) => password,
        None if wanted.no_input => bail!("--no-input needs BANTER_ADMIN_PASSWORD"),
        None => terminal::ask_password()?,
    };
    let new = NewUser { username: &username, password: &password, name: &name, is_staff: true };
    match auth::create_user(store, new, now()).await {
        Ok(user) => {
            println!("{username} is staff, with the id {}", user.id);
            Ok(())
        }
        Err(auth::Error::Refused(refusal)) => bail!("{refusal}"),
        Err(error) => Err(error.into()),
    }
}
