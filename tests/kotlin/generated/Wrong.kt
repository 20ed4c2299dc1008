val wrong = banter.models.CreateRoomInput(type = banter.models.RoomTypeInput.group, nme = "Lunch")
