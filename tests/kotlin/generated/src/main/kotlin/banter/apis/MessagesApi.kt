package banter.apis

import banter.Transport
import banter.models.CreateAccount429Response
import banter.models.EditMessageInput
import banter.models.Message
import banter.models.MessagePage
import banter.models.Problem
import banter.models.SendMessageInput
import banter.models.SentMessage
import banter.models.Sync
import banter.models.SyncRequestInput

class MessagesApi(private val transport: Transport) {

    /** Leave a tombstone. */
    fun deleteMessage(roomId: kotlin.String, seq: kotlin.Int): Unit =
        transport.call(
            "DELETE",
            "/v1/rooms/{room_id}/messages/{seq}",
            inPath = mapOf("room_id" to roomId, "seq" to seq, ),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )

    /** Change its text. */
    fun editMessage(roomId: kotlin.String, seq: kotlin.Int, editMessageInput: EditMessageInput): Message =
        transport.call(
            "PATCH",
            "/v1/rooms/{room_id}/messages/{seq}",
            inPath = mapOf("room_id" to roomId, "seq" to seq, ),
            query = mapOf(),
            headers = mapOf(),
            body = editMessageInput,
        )

    /** A page of history. */
    fun listMessages(roomId: kotlin.String, beforeSeq: kotlin.Int? = null, afterSeq: kotlin.Int? = null, aroundSeq: kotlin.Int? = null, q: kotlin.String? = null, userId: kotlin.String? = null, from: kotlin.String? = null, to: kotlin.String? = null, limit: kotlin.Int? = null): MessagePage =
        transport.call(
            "GET",
            "/v1/rooms/{room_id}/messages",
            inPath = mapOf("room_id" to roomId, ),
            query = mapOf("before_seq" to beforeSeq, "after_seq" to afterSeq, "around_seq" to aroundSeq, "q" to q, "user_id" to userId, "from" to from, "to" to to, "limit" to limit, ),
            headers = mapOf(),
            body = null,
        )

    /** One message. */
    fun retrieveMessage(roomId: kotlin.String, seq: kotlin.Int): Message =
        transport.call(
            "GET",
            "/v1/rooms/{room_id}/messages/{seq}",
            inPath = mapOf("room_id" to roomId, "seq" to seq, ),
            query = mapOf(),
            headers = mapOf(),
            body = null,
        )

    /** Send, once. */
    fun sendMessage(roomId: kotlin.String, sendMessageInput: SendMessageInput): SentMessage =
        transport.call(
            "POST",
            "/v1/rooms/{room_id}/messages",
            inPath = mapOf("room_id" to roomId, ),
            query = mapOf(),
            headers = mapOf(),
            body = sendMessageInput,
        )

    /** Every change since one's cursors. */
    fun sync(syncRequestInput: SyncRequestInput): Sync =
        transport.call(
            "POST",
            "/v1/sync",
            inPath = mapOf(),
            query = mapOf(),
            headers = mapOf(),
            body = syncRequestInput,
        )
}
