use crate::samples::{every_row, open_room, room_id, standing, user};
use crate::testing;

#[tokio::test]
async fn members_come_in_pages_each_once() {
    let store = testing::store().await;
    let everybody: Vec<_> = (1..=23).map(user).collect();
    let room = open_room(&store, &everybody).await.id;
    let all = store.members(room).await.unwrap();
    let expected: Vec<_> =
        everybody.iter().map(|member| standing(room, *member).membership).collect();
    assert_eq!(all, expected);
    for limit in [1, 10, 22, 23, 24] {
        let (mut listed, mut after) = (Vec::new(), None);
        while listed.len() <= expected.len() {
            let page = store.members_after(room, after, limit).await.unwrap();
            assert!(page.len() <= limit);
            let Some(last) = page.last() else { break };
            after = Some(last.user_id);
            listed.extend(page);
        }
        assert_eq!(listed, expected, "{limit}");
    }
    // A cursor need not be a member still.
    let after = store.members_after(room, Some(user(999)), 10).await.unwrap();
    assert_eq!(after, []);
    assert_eq!(store.members(room_id(9)).await.unwrap(), []);
}

#[tokio::test]
async fn places_are_found_for_members_only() {
    let store = testing::store().await;
    let room = open_room(&store, &[user(1), user(2)]).await.id;
    let mut found = store.standings_in(room, &[user(3), user(2), user(1)]).await.unwrap();
    found.sort_by_key(|one| one.membership.user_id);
    assert_eq!(found, [standing(room, user(1)), standing(room, user(2))]);
    assert_eq!(store.standings_in(room, &[]).await.unwrap(), []);
}

#[tokio::test]
async fn a_room_that_is_gone_forgets_all_its_members() {
    let store = testing::store().await;
    // Two rows for each, so more than two full batches.
    let everybody: Vec<_> = (1..=30).map(user).collect();
    let room = open_room(&store, &everybody).await.id;
    let (first, later) = everybody.split_at(2);
    store.forget_members(room, later).await.unwrap();
    assert_eq!(store.members(room).await.unwrap().len(), first.len());
    store.forget_members(room, &everybody).await.unwrap();
    assert_eq!(store.members(room).await.unwrap(), []);
    assert_eq!(store.standings_in(room, &everybody).await.unwrap(), []);
    let rows = every_row(&store).await;
    assert_eq!(rows.len(), 4, "the head, the log and the row that lists the room stay");
    store.forget_members(room, &everybody).await.unwrap();
    store.forget_members(room, &[]).await.unwrap();
    assert_eq!(every_row(&store).await, rows);
}
