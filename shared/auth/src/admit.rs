//! Letting in whom the outside issuer vouches for. Who comes for the first time becomes a user then, so
//! that they can be found, invited and written to.

use domain::{MAX_USERNAME_CHARS, MIN_USERNAME_CHARS, Name, Proof, User, UserId, Username};
use jiff::Timestamp;
use storage::{Account, CreateSubject, Subject, UpdateSubject};
use uuid::Uuid;

use crate::issuer::Statement;
use crate::{Claims, Error, Identity, Unauthenticated};

/// How often a write that met another one is tried.
const ATTEMPTS: usize = 4;

impl Identity {
    /// Who the bearer of `statement` is here.
    ///
    /// The issuer's word on the name, and on who is staff, is taken over when it changes. What was
    /// changed here since stays until then.
    ///
    /// # Errors
    /// [`Unauthenticated::InvalidToken`] for who is gone, or was [revoked](storage::Store::revoke) after
    /// the token was issued; [`domain::Refusal::AccountBanned`]; or the store does not answer.
    pub(crate) async fn admit(
        &self,
        statement: &Statement,
        now: Timestamp,
    ) -> Result<Claims, Error> {
        for attempt in 0..ATTEMPTS {
            let Some(subject) = self.store.subject(&statement.subject).await? else {
                self.take_in(statement, attempt, now).await?;
                continue;
            };
            let account = self.store.account(subject.user_id).await?;
            let account = account.ok_or(Unauthenticated::InvalidToken)?;
            account.user.unless_banned()?;
            if statement.issued_at < account.valid_from {
                return Err(Unauthenticated::InvalidToken.into());
            }
            if !is_news(statement, &subject) {
                return Ok(claims(&account.user, statement));
            }
            // Whether it was taken over is seen when it is read again.
            self.take_over(statement, &subject, &account).await?;
        }
        Err(Error::Unavailable("lost too many races for a user".into()))
    }

    async fn take_in(
        &self,
        statement: &Statement,
        attempt: usize,
        now: Timestamp,
    ) -> Result<CreateSubject, Error> {
        let username = username(statement, attempt)?;
        let name = statement.name.as_deref().and_then(|name| Name::parse(name).ok());
        let user = User {
            id: UserId::new(Uuid::now_v7()),
            name: name.map_or_else(|| Name::parse(username.as_str()), Ok)?,
            username,
            avatar_media_id: None,
            is_staff: statement.is_staff.unwrap_or_default(),
            is_banned: false,
            created_at: now,
        };
        let subject = said(statement, user.id);
        Ok(self.store.create_subject(&statement.subject, &subject, &user).await?)
    }

    async fn take_over(
        &self,
        statement: &Statement,
        before: &Subject,
        account: &Account,
    ) -> Result<UpdateSubject, Error> {
        let user = &account.user;
        let name = statement.name.as_deref().filter(|_| statement.name != before.name);
        let name = name.and_then(|name| Name::parse(name).ok());
        let name = name.unwrap_or_else(|| user.name.clone());
        let is_staff = statement.is_staff.filter(|_| statement.is_staff != before.is_staff);
        let words = [before, &said(statement, user.id)];
        let key = &statement.subject;
        Ok(self.store.update_subject(key, words, user, &name, is_staff).await?)
    }
}

/// Whether the issuer says something else than it last did, and later.
fn is_news(statement: &Statement, last: &Subject) -> bool {
    statement.issued_at > last.stated_at
        && (&statement.name, statement.is_staff) != (&last.name, last.is_staff)
}

fn said(statement: &Statement, user_id: UserId) -> Subject {
    let Statement { name, is_staff, issued_at, .. } = statement;
    Subject { user_id, name: name.clone(), is_staff: *is_staff, stated_at: *issued_at }
}

fn claims(user: &User, statement: &Statement) -> Claims {
    Claims {
        user_id: user.id,
        username: user.username.as_str().to_owned(),
        name: user.name.as_str().to_owned(),
        is_staff: user.is_staff,
        proof: Proof::Token { issued_at: statement.issued_at },
        expires_at: statement.expires_at,
    }
}

/// The username to try: what the token proposes, if that can be one and is free, and else with an
/// ending that nobody else has.
fn username(statement: &Statement, attempt: usize) -> Result<Username, Error> {
    let proposed = statement
        .usernames
        .iter()
        .map(|name| plain(name))
        .find(|name| name.len() >= MIN_USERNAME_CHARS);
    let base = proposed.unwrap_or_else(|| "user".to_owned());
    let ending: String = match attempt {
        0 if base != "user" => String::new(),
        _ => {
            let letters = statement.subject.bytes().filter(u8::is_ascii_alphanumeric);
            let letters = letters.map(|byte| char::from(byte.to_ascii_lowercase()));
            ['-'].into_iter().chain(letters.take(4 * (attempt + 1))).collect()
        }
    };
    let kept = base.len().min(MAX_USERNAME_CHARS.saturating_sub(ending.len()));
    Ok(Username::parse(&format!("{}{ending}", &base[..kept]))?)
}

/// What of `text` may be in a username: without case and accents, and with dots for spaces.
fn plain(text: &str) -> String {
    let folded = domain::fold(text.trim());
    let letters = folded.chars().map(|one| if one == ' ' { '.' } else { one });
    let allowed = |one: &char| one.is_ascii_alphanumeric() || matches!(one, '_' | '.' | '-');
    letters.filter(allowed).take(MAX_USERNAME_CHARS).collect()
}

#[cfg(test)]
mod tests;
