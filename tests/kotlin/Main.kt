package banter

import banter.apis.AccountsApi
import banter.apis.MessagesApi
import banter.apis.RoomsApi
import banter.models.CreateAccountInput
import banter.models.CreateRoomInput
import banter.models.RoomTypeInput
import banter.models.SendMessageInput
import java.util.UUID

/** Signs up, sends a message, and finds it: what the contract does not say does not compile. */
fun main(arguments: Array<String>) {
    val transport = Transport(arguments.firstOrNull() ?: "http://127.0.0.1:3000")
    val username = "kt-${UUID.randomUUID().toString().take(8)}"
    val account = CreateAccountInput(username = username, password = "a long password", name = "Kit")
    transport.token = AccountsApi(transport).createAccount(account).accessToken

    val room = RoomsApi(transport).createRoom(CreateRoomInput(type = RoomTypeInput.group, name = "Lunch"))
    val messages = MessagesApi(transport)
    val sent = messages.sendMessage(room.id, SendMessageInput(clientId = "${UUID.randomUUID()}", text = "At one?"))

    val found = messages.listMessages(room.id, limit = 10).data.single { it.seq == sent.seq }
    check(found.text == "At one?") { "the message is not in the history" }
    check(runCatching { messages.retrieveMessage(room.id, sent.seq + 1) }.exceptionOrNull() is Refused)
    println("sent and found ${found.seq}: ${found.text}")
}
