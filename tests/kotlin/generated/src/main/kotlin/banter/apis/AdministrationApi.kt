package banter.apis

import banter.Transport
import banter.models.AdminCreateUserInput
import banter.models.AdminUpdateUserInput
import banter.models.CreateAccount429Response
import banter.models.Problem
import banter.models.RoomPage
import banter.models.User
import banter.models.UserPage

class AdministrationApi(private val transport: Transport) {

    /** Make an account for somebody. */
    fun adminCreateUser(adminCreateUserInput: AdminCreateUserInput): User =
        transport.call(
            "POST",
            "/v1/admin/users",
            inPath = mapOf(),
            query = mapOf(),
            headers = mapOf(),
            body = adminCreateUserInput,
        )

    /** Every room. */
    fun adminListRooms(q: kotlin.String? = null, limit: kotlin.Int? = null, cursor: kotlin.String? = null): RoomPage =
        transport.call(
            "GET",
            "/v1/admin/rooms",
            inPath = mapOf(),
            query = mapOf("q" to q, "limit" to limit, "cursor" to cursor, ),
            headers = mapOf(),
            body = null,
        )

    /** Every user. */
    fun adminListUsers(q: kotlin.String? = null, limit: kotlin.Int? = null, cursor: kotlin.String? = null): UserPage =
        transport.call(
            "GET",
            "/v1/admin/users",
            inPath = mapOf(),
            query = mapOf("q" to q, "limit" to limit, "cursor" to cursor, ),
            headers = mapOf(),
            body = null,
        )

    /** Make staff, or staff no more. */
    fun adminUpdateUser(userId: kotlin.String, adminUpdateUserInput: AdminUpdateUserInput): User =
        transport.call(
            "PATCH",
            "/v1/admin/users/{user_id}",
            inPath = mapOf("user_id" to userId, ),
            query = mapOf(),
            headers = mapOf(),
            body = adminUpdateUserInput,
        )
}
