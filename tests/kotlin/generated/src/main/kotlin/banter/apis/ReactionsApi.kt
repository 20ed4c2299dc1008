package banter.apis

import banter.Transport
import banter.models.AddReactionInput
import banter.models.CreateAccount429Response
import banter.models.Problem
import banter.models.Reaction
import banter.models.ReactionPage

class ReactionsApi(private val transport: Transport) {

    /** React. */
    fun addReaction(roomId: kotlin.String, seq: kotlin.Int, addReactionInput: AddReactionInput): Reaction =
        transport.call(
            "POST",
            "/v1/rooms/{room_id}/messages/{seq}/reactions",
            inPath = mapOf("room_id" to roomId, "seq" to seq, ),
            query = mapOf(),
            headers = mapOf(),
            body = addReactionInput,
        )

    /** What the caller reacted with. */
    fun listMyReactions(user: kotlin.String, limit: kotlin.Int? = null, cursor: kotlin.String? = null): ReactionPage =
        transport.call(
            "GET",
            "/v1/reactions",
            inPath = mapOf(),
            query = mapOf("user" to user, "limit" to limit, "cursor" to cursor, ),
            headers = mapOf(),
            body = null,
        )

    /** Who reacted to a message. */
    fun listReactions(roomId: kotlin.String, seq: kotlin.Int, reaction: kotlin.String? = null, limit: kotlin.Int? = null, cursor: kotlin.String? = null): ReactionPage =
        transport.call(
            "GET",
            "/v1/rooms/{room_id}/messages/{seq}/reactions",
            inPath = mapOf("room_id" to roomId, "seq" to seq, ),
            query = mapOf("reaction" to reaction, "limit" to limit, "cursor" to cursor, ),
            headers = mapOf(),
            body = null,
        )

    /** Take one's own back; `me` is the caller. */
    fun removeReaction(roomId: kotlin.String, seq: kotlin.Int, userId: kotlin.String, reaction: kotlin.String): Unit =
        transport.call(
            "DELETE",
            "/v1/rooms/{room_id}/messages/{seq}/reactions/{user_id}/{reaction}",
            inPath = mapOf("room_id" to roomId, "seq" to seq, "user_id" to userId, "reaction" to reaction, ),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )

    /** One reaction; `me` is the caller. */
    fun retrieveReaction(roomId: kotlin.String, seq: kotlin.Int, userId: kotlin.String, reaction: kotlin.String): Reaction =
        transport.call(
            "GET",
            "/v1/rooms/{room_id}/messages/{seq}/reactions/{user_id}/{reaction}",
            inPath = mapOf("room_id" to roomId, "seq" to seq, "user_id" to userId, "reaction" to reaction, ),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )
}
