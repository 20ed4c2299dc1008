package banter.apis

import banter.Transport
import banter.models.CreateAccount429Response
import banter.models.CreateRoomInput
import banter.models.PresenceList
import banter.models.Problem
import banter.models.ReadMark
import banter.models.ReadRoomInput
import banter.models.Room
import banter.models.RoomPage
import banter.models.UpdateRoomInput

class RoomsApi(private val transport: Transport) {

    /** Make a room. */
    fun createRoom(createRoomInput: CreateRoomInput): Room =
        transport.call(
            "POST",
            "/v1/rooms",
            inPath = mapOf(),
            query = mapOf(),
            headers = mapOf(),
            body = createRoomInput,
        )

    /** Delete a room. */
    fun deleteRoom(roomId: kotlin.String): Unit =
        transport.call(
            "DELETE",
            "/v1/rooms/{room_id}",
            inPath = mapOf("room_id" to roomId, ),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )

    /** Become a member. */
    fun joinRoom(roomId: kotlin.String): Room =
        transport.call(
            "POST",
            "/v1/rooms/{room_id}/join",
            inPath = mapOf("room_id" to roomId, ),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )

    /** Be a member no more. */
    fun leaveRoom(roomId: kotlin.String): Unit =
        transport.call(
            "POST",
            "/v1/rooms/{room_id}/leave",
            inPath = mapOf("room_id" to roomId, ),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )

    /** The caller's rooms, or those that anyone may find. */
    fun listRooms(scope: kotlin.String? = null, q: kotlin.String? = null, limit: kotlin.Int? = null, cursor: kotlin.String? = null): RoomPage =
        transport.call(
            "GET",
            "/v1/rooms",
            inPath = mapOf(),
            query = mapOf("scope" to scope, "q" to q, "limit" to limit, "cursor" to cursor, ),
            headers = mapOf(),
            body = null,
        )

    /** Say how far one has read. */
    fun readRoom(roomId: kotlin.String, readRoomInput: ReadRoomInput): ReadMark =
        transport.call(
            "POST",
            "/v1/rooms/{room_id}/read",
            inPath = mapOf("room_id" to roomId, ),
            query = mapOf(),
            headers = mapOf(),
            body = readRoomInput,
        )

    /** One room. */
    fun retrieveRoom(roomId: kotlin.String): Room =
        transport.call(
            "GET",
            "/v1/rooms/{room_id}",
            inPath = mapOf("room_id" to roomId, ),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )

    /** Who is connected now. */
    fun roomPresence(roomId: kotlin.String): PresenceList =
        transport.call(
            "GET",
            "/v1/rooms/{room_id}/presence",
            inPath = mapOf("room_id" to roomId, ),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )

    /** Change a room's details. */
    fun updateRoom(roomId: kotlin.String, updateRoomInput: UpdateRoomInput, ifMatch: kotlin.String? = null): Room =
        transport.call(
            "PATCH",
            "/v1/rooms/{room_id}",
            inPath = mapOf("room_id" to roomId, ),
            query = mapOf(),
            headers = mapOf("If-Match" to ifMatch, ),
            body = updateRoomInput,
        )
}
