package banter.apis

import banter.Transport
import banter.models.CreateAccount429Response
import banter.models.CreateAccountInput
import banter.models.LoginInput
import banter.models.LogoutInput
import banter.models.Problem
import banter.models.RateLimits
import banter.models.RefreshInput
import banter.models.Session
import banter.models.Ticket
import banter.models.UpdateUserInput
import banter.models.User
import banter.models.UserPage

class AccountsApi(private val transport: Transport) {

    /** Sign up. */
    fun createAccount(createAccountInput: CreateAccountInput): Session =
        transport.call(
            "POST",
            "/v1/accounts",
            inPath = mapOf(),
            query = mapOf(),
            headers = mapOf(),
            body = createAccountInput,
        )

    /** Ask to open a socket. */
    fun createTicket(): Ticket =
        transport.call(
            "POST",
            "/v1/connections/tickets",
            inPath = mapOf(),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )

    /** Find users, or look them up. */
    fun listUsers(q: kotlin.String? = null, ids: kotlin.String? = null, limit: kotlin.Int? = null, cursor: kotlin.String? = null): UserPage =
        transport.call(
            "GET",
            "/v1/users",
            inPath = mapOf(),
            query = mapOf("q" to q, "ids" to ids, "limit" to limit, "cursor" to cursor, ),
            headers = mapOf(),
            body = null,
        )

    /** Sign in. */
    fun login(loginInput: LoginInput): Session =
        transport.call(
            "POST",
            "/v1/accounts/login",
            inPath = mapOf(),
            query = mapOf(),
            headers = mapOf(),
            body = loginInput,
        )

    /** Sign out. */
    fun logout(logoutInput: LogoutInput): Unit =
        transport.call(
            "POST",
            "/v1/accounts/logout",
            inPath = mapOf(),
            query = mapOf(),
            headers = mapOf(),
            body = logoutInput,
        )

    /** Get a new access token. */
    fun refresh(refreshInput: RefreshInput): Session =
        transport.call(
            "POST",
            "/v1/accounts/refresh",
            inPath = mapOf(),
            query = mapOf(),
            headers = mapOf(),
            body = refreshInput,
        )

    /** How much one may do here. */
    fun retrieveLimits(): RateLimits =
        transport.call(
            "GET",
            "/v1/limits",
            inPath = mapOf(),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )

    /** One's own profile. */
    fun retrieveMe(): User =
        transport.call(
            "GET",
            "/v1/users/me",
            inPath = mapOf(),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )

    /** Change one's own profile. */
    fun updateMe(updateUserInput: UpdateUserInput): User =
        transport.call(
            "PATCH",
            "/v1/users/me",
            inPath = mapOf(),
            query = mapOf(),
            headers = mapOf(),
            body = updateUserInput,
        )
}
