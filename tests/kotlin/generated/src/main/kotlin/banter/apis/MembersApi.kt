package banter.apis

import banter.Transport
import banter.models.AddMembersInput
import banter.models.AddedMembers
import banter.models.CreateAccount429Response
import banter.models.Member
import banter.models.MemberPage
import banter.models.Problem
import banter.models.UpdateMemberInput

class MembersApi(private val transport: Transport) {

    /** Let others in. */
    fun addMembers(roomId: kotlin.String, addMembersInput: AddMembersInput): AddedMembers =
        transport.call(
            "POST",
            "/v1/rooms/{room_id}/members",
            inPath = mapOf("room_id" to roomId, ),
            query = mapOf(),
            headers = mapOf(),
            body = addMembersInput,
        )

    /** Who is in a room. */
    fun listMembers(roomId: kotlin.String, limit: kotlin.Int? = null, cursor: kotlin.String? = null): MemberPage =
        transport.call(
            "GET",
            "/v1/rooms/{room_id}/members",
            inPath = mapOf("room_id" to roomId, ),
            query = mapOf("limit" to limit, "cursor" to cursor, ),
            headers = mapOf(),
            body = null,
        )

    /** `me` is the caller. */
    fun removeMember(roomId: kotlin.String, userId: kotlin.String): Unit =
        transport.call(
            "DELETE",
            "/v1/rooms/{room_id}/members/{user_id}",
            inPath = mapOf("room_id" to roomId, "user_id" to userId, ),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )

    /** `me` is the caller. */
    fun retrieveMember(roomId: kotlin.String, userId: kotlin.String): Member =
        transport.call(
            "GET",
            "/v1/rooms/{room_id}/members/{user_id}",
            inPath = mapOf("room_id" to roomId, "user_id" to userId, ),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )

    /** `me` is the caller. */
    fun updateMember(roomId: kotlin.String, userId: kotlin.String, updateMemberInput: UpdateMemberInput): Member =
        transport.call(
            "PATCH",
            "/v1/rooms/{room_id}/members/{user_id}",
            inPath = mapOf("room_id" to roomId, "user_id" to userId, ),
            query = mapOf(),
            headers = mapOf(),
            body = updateMemberInput,
        )
}
